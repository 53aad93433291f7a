//! Opening: what is made, who is refused, and what is said about files that are no job store.

mod common;

use common::{store, submit};
use exacta_jobs::{Error, ListQuery, Store};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};

/// The error that opening ends with: one line that names the place.
fn refusal(dir: &Path) -> Error {
    let error = Store::open(dir).map(drop).unwrap_err();
    let text = error.to_string();
    assert!(!text.contains('\n') && text.contains(dir.to_str().unwrap()), "{text}");
    error
}

/// A directory with this file in the place of the job store.
fn with_file(make: impl FnOnce(&Path)) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.sqlite");
    make(&path);
    (folder, path)
}

#[cfg(unix)]
#[test]
fn what_is_made_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store) = store();
    submit(&store, 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = folder.path().join("data");
    assert_eq!(mode(&dir), 0o700);
    for name in ["jobs.sqlite", "jobs.sqlite-wal"] {
        assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_second_store_on_a_directory_is_refused_until_the_first_is_dropped() {
    let (folder, store) = store();
    let dir = folder.path().join("data");
    assert_eq!(refusal(&dir).code(), "jobs.locked");
    let handle = store.clone();
    drop(store);
    assert_eq!(refusal(&dir).code(), "jobs.locked");
    let id = submit(&handle, 1).id;
    drop(handle);
    assert_eq!(Store::open(&dir).unwrap().job(id).unwrap().id, id);
}

#[test]
fn a_store_that_is_closed_leaves_one_file_and_the_lock() {
    let (folder, store) = store();
    let id = submit(&store, 1).id;
    store.job(id).unwrap();
    drop(store);
    let entries = fs::read_dir(folder.path().join("data")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["jobs.sqlite", "lock"]);
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for name in ["no/parent", "file", "file/below"] {
        assert_eq!(refusal(&folder.path().join(name)).code(), "jobs.directory");
    }
}

/// The tables as the first version made them, with a job that has ended and one that has not.
const SCHEMA_1: &str = "
    CREATE TABLE job (
        id TEXT NOT NULL PRIMARY KEY,
        kernel TEXT NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        started_at INTEGER,
        finished_at INTEGER,
        error BLOB
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX job_by_state ON job (state, id);
    CREATE INDEX job_by_turn ON job (state, attempt > 3, id);
    CREATE TABLE input (
        job_id TEXT NOT NULL PRIMARY KEY REFERENCES job (id),
        spec BLOB NOT NULL,
        input BLOB NOT NULL
    ) STRICT;
    CREATE TABLE result (
        job_id TEXT NOT NULL PRIMARY KEY REFERENCES job (id),
        result BLOB NOT NULL
    ) STRICT;
    INSERT INTO job VALUES ('01kdvdna00sabr24pa3eywnyp2', 'reverse', 'succeeded', 1, 1, 2, 3, NULL);
    INSERT INTO result VALUES ('01kdvdna00sabr24pa3eywnyp2', x'6362');
    INSERT INTO job VALUES ('01kdvdna7t7rhyg5g075cmmcw9', 'reverse', 'running', 1, 4, 5, NULL, NULL);
    INSERT INTO input VALUES ('01kdvdna7t7rhyg5g075cmmcw9', x'00', x'616263');
    PRAGMA application_id = 0x45584a42;
    PRAGMA user_version = 1;";

#[test]
fn a_store_of_the_version_before_has_its_jobs_which_nobody_owns() {
    let (folder, _path) = with_file(|path| {
        Connection::open(path).unwrap().execute_batch(SCHEMA_1).unwrap();
    });
    for _ in 0..2 {
        let store = Store::open(folder.path()).unwrap();
        let jobs = store.list(&ListQuery::default()).unwrap().jobs;
        assert_eq!(jobs.iter().map(|job| &job.owner).collect::<Vec<_>>(), [&None, &None]);
        assert_eq!(store.result(jobs[1].id).unwrap(), b"cb");
        let claim = store.claim().unwrap().unwrap();
        assert_eq!((claim.id, claim.input.as_slice()), (jobs[0].id, b"abc".as_slice()));
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let (folder, store) = store();
    drop(store);
    let dir = folder.path().join("data");
    let file = Connection::open(dir.join("jobs.sqlite")).unwrap();
    file.pragma_update(None, "user_version", 1000).unwrap();
    drop(file);
    let error = refusal(&dir);
    assert_eq!(error.code(), "jobs.schema");
    assert!(error.to_string().contains("schema 1000"), "{error}");
}

#[test]
fn a_file_of_another_kind_is_refused_and_left_as_it_was() {
    let other_database = |path: &Path| {
        let file = Connection::open(path).unwrap();
        file.execute_batch("CREATE TABLE job (id); PRAGMA user_version = 1").unwrap();
    };
    let text = |path: &Path| fs::write(path, "name,value\n".repeat(1000)).unwrap();
    let files = [with_file(other_database), with_file(text)];
    for (folder, path) in &files {
        let before = fs::read(path).unwrap();
        assert_eq!(refusal(folder.path()).code(), "jobs.foreign");
        assert_eq!(fs::read(path).unwrap(), before);
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let (folder, _path) = with_file(|path| fs::write(path, "").unwrap());
    submit(&Store::open(folder.path()).unwrap(), 1);
}

#[test]
fn damage_is_an_error_and_not_a_wrong_job() {
    let (folder, store) = store();
    let id = submit(&store, 1).id;
    drop(store);
    let dir = folder.path().join("data");
    let file = Connection::open(dir.join("jobs.sqlite")).unwrap();
    file.execute("UPDATE job SET state = 'dreaming'", []).unwrap();
    drop(file);
    let store = Store::open(&dir).unwrap();
    assert_eq!(store.job(id).unwrap_err().code(), "jobs.damaged");
    drop(store);

    // All that follows the header's page is noise.
    let path = dir.join("jobs.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    assert_eq!(refusal(&dir).code(), "jobs.damaged");
}
