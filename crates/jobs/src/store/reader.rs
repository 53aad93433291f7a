//! What is asked of the tables without changing them, each on a connection that no other question uses. Reading
//! waits for no writing.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Result, ToSql};

use super::row::{self, job_columns};
use crate::{Error, Job, JobId, ListQuery, PageToken, State};

/// How many idle connections are kept. More are opened while more questions are asked at once.
const IDLE_MAX: usize = 8;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    /// Answers one question.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T, Error> {
        self.try_ask(question).map_err(|source| Error::sqlite(&self.path, source))
    }

    fn try_ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.lock().pop();
        let connection = idle.map_or_else(|| open(&self.path), Ok)?;
        let answer = question(&connection)?;
        let mut idle = self.lock();
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        Ok(answer)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

const JOB: &str = concat!("SELECT ", job_columns!(), " FROM job WHERE id = ?1");

pub(super) fn job(connection: &Connection, id: JobId) -> Result<Option<Job>> {
    connection.prepare_cached(JOB)?.query_row([id], row::job).optional()
}

/// Spec and input of a job; none where it has ended.
pub(super) fn input(connection: &Connection, id: JobId) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    let sql = "SELECT spec, input FROM input WHERE job_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

const RESULT: &str = concat!(
    "SELECT ",
    job_columns!(),
    ", result FROM job LEFT JOIN result ON job_id = id WHERE id = ?1"
);

/// The result of a job, or how the job stands if it has none to give.
pub(super) fn result(connection: &Connection, id: JobId) -> Result<Option<Result<Vec<u8>, Job>>> {
    let mut statement = connection.prepare_cached(RESULT)?;
    let read = |row: &rusqlite::Row<'_>| {
        let job = row::job(row)?;
        Ok(if job.state == State::Succeeded { Ok(row.get(8)?) } else { Err(job) })
    };
    statement.query_row([id], read).optional()
}

/// The newest jobs before one, of an owner, of a state, of both or of all. Every name sorts
/// before `~`.
macro_rules! list {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            job_columns!(),
            " FROM job WHERE id < coalesce(?1, '~')",
            $condition,
            " ORDER BY id DESC LIMIT ?2"
        )
    };
}
const LIST: &str = list!("");
const LIST_OF_STATE: &str = list!(" AND state = ?3");
const LIST_OF_OWNER: &str = list!(" AND owner = ?3");
const LIST_OF_OWNER_AND_STATE: &str = list!(" AND owner = ?3 AND state = ?4");

/// The newest jobs that a query asks for, `limit` at the most.
pub(super) fn list(connection: &Connection, query: &ListQuery, limit: usize) -> Result<Vec<Job>> {
    let before = query.page_token.map(|PageToken(id)| id);
    let (before, limit): (&dyn ToSql, &dyn ToSql) = (&before, &(limit as i64));
    let (sql, values) = match (&query.owner, &query.state) {
        (None, None) => (LIST, vec![before, limit]),
        (None, Some(state)) => (LIST_OF_STATE, vec![before, limit, state]),
        (Some(owner), None) => (LIST_OF_OWNER, vec![before, limit, owner]),
        (Some(owner), Some(state)) => (LIST_OF_OWNER_AND_STATE, vec![before, limit, owner, state]),
    };
    connection.prepare_cached(sql)?.query_map(&values[..], row::job)?.collect()
}

const COUNT: &str = "SELECT count(*) FROM job WHERE state = ?1";

/// How many jobs are in a state.
pub(super) fn count(connection: &Connection, state: State) -> Result<u64> {
    let count = connection.prepare_cached(COUNT)?.query_row([state], |row| row.get::<_, i64>(0))?;
    Ok(count.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{schema, transition};

    /// How `SQLite` goes about a statement, step by step.
    fn steps(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nulls = vec![None::<i64>; statement.parameter_count()];
        let steps = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get(3));
        steps.unwrap().collect::<Result<_>>().unwrap()
    }

    #[test]
    fn no_statement_reads_or_sorts_rows_that_it_does_not_need() {
        use transition::{CANCEL, CLAIM, END, NAME, REQUEUE};
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open(&folder.path().join("jobs.sqlite")).unwrap();
        let lists = [LIST, LIST_OF_STATE, LIST_OF_OWNER, LIST_OF_OWNER_AND_STATE];
        for sql in lists.into_iter().chain([JOB, RESULT, COUNT, NAME, CLAIM, END, CANCEL, REQUEUE])
        {
            for step in steps(&connection, sql) {
                let kinds = ["SEARCH ", "SCALAR SUBQUERY ", "SCAN CONSTANT ROW"];
                assert!(kinds.iter().any(|kind| step.starts_with(kind)), "{step} in {sql}");
            }
        }
    }
}
