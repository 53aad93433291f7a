//! The tables, step by step from an empty file to what this version knows, and how a file is opened so
//! that what it has committed stays. What is done with the rows is not here.

use std::fs::OpenOptions;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Result, TransactionBehavior};

use crate::Error;

/// What marks a file as ours: `EXJB`.
const APPLICATION_ID: i64 = 0x4558_4a42;

/// Each step brings a file from the schema numbered by its index to the next. Steps that were released are
/// never edited.
const STEPS: &[&str] = &[
    "
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
",
    "
    ALTER TABLE job ADD COLUMN owner TEXT;
    CREATE INDEX job_by_owner ON job (owner, id) WHERE owner IS NOT NULL;
    CREATE INDEX job_by_owner_and_state ON job (owner, state, id) WHERE owner IS NOT NULL;
",
];

/// The schema that this version writes.
const KNOWN: i64 = STEPS.len() as i64;

/// How large the write-ahead log may stay after a large input went through it.
const LOG_BYTES_KEPT: i64 = 64 << 20;

/// Opens the file for its one writer, and makes or updates the tables.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    create(path).map_err(|source| Error::directory(path, source))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sqlite = |source| Error::sqlite(path, source);
    let mut connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    // Asked before anything is changed: the file may be someone else's.
    let found = identify(&connection)
        .map_err(sqlite)?
        .ok_or_else(|| Error::Foreign { path: path.into() })?;
    if found > KNOWN {
        return Err(Error::Schema { path: path.into(), found, known: KNOWN });
    }
    make_durable(&connection).and_then(|()| migrate(&mut connection)).map_err(sqlite)?;
    Ok(connection)
}

/// Makes the file, where there is none, for this user alone. `SQLite` gives its companions the same mode.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// The number of the file's schema, 0 for an empty file; none where the file is not ours.
fn identify(connection: &Connection) -> Result<Option<i64>> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let n_things: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let (application_id, version) = (number("application_id")?, number("user_version")?);
    let is_empty = (application_id, version, n_things) == (0, 0, 0);
    let is_ours = application_id == APPLICATION_ID && version > 0;
    Ok((is_empty || is_ours).then_some(version))
}

fn make_durable(connection: &Connection) -> Result<()> {
    connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in STEPS.iter().skip(version as usize) {
        transaction.execute_batch(step)?;
    }
    if version < KNOWN {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", KNOWN)?;
    }
    transaction.commit()
}
