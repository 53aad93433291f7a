//! The ways from state to state, each inside the writer's transaction. What is final stays: every statement
//! names the states that it leads out of, and the end of a claim its attempt too.

use rusqlite::{Result, Transaction};

use super::reader;
use crate::{Failure, Job, JobId, NewJob, State, Timestamp};

/// One claim of one job.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    pub(super) id: JobId,
    pub(super) number: i64,
}

/// Adds a job, named after all that are there.
pub(super) fn submit(transaction: &Transaction<'_>, new: &NewJob) -> Result<Job> {
    let job = name(transaction, new)?;
    let sql = "
        INSERT INTO job (id, kernel, owner, state, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = (job.id, &job.kernel, &job.owner, job.state, job.created_at);
    transaction.prepare_cached(sql)?.execute(row)?;
    let sql = "INSERT INTO input (job_id, spec, input) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(sql)?.execute((job.id, &new.spec, &new.input))?;
    Ok(job)
}

pub(super) const NAME: &str = "SELECT (SELECT max(id) FROM job), randomblob(10)";

fn name(transaction: &Transaction<'_>, new: &NewJob) -> Result<Job> {
    let mut statement = transaction.prepare_cached(NAME)?;
    let (last, random) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let created_at = Timestamp::now();
    Ok(Job {
        id: JobId::after(last, created_at, random),
        kernel: new.kernel.clone(),
        owner: new.owner.clone(),
        state: State::Queued,
        created_at,
        started_at: None,
        finished_at: None,
        error: None,
    })
}

pub(super) const CLAIM: &str = "
    UPDATE job SET state = 'running', attempt = attempt + 1, started_at = max(?1, created_at)
    WHERE id = (SELECT id FROM job WHERE state = 'queued' ORDER BY attempt > 3, id LIMIT 1)
    RETURNING id, attempt, kernel";

/// Gives the oldest queued job away. One that was interrupted more than three times may be what ends the
/// process each time: it is run once nothing else waits, and holds up nobody.
pub(super) fn claim(transaction: &Transaction<'_>) -> Result<Option<(Attempt, String)>> {
    let mut statement = transaction.prepare_cached(CLAIM)?;
    let mut rows = statement.query_map([Timestamp::now()], |row| {
        Ok((Attempt { id: row.get(0)?, number: row.get(1)? }, row.get(2)?))
    })?;
    rows.next().transpose()
}

pub(super) const END: &str = "
    UPDATE job SET state = ?3, finished_at = max(?4, started_at), error = ?5
    WHERE id = ?1 AND state = 'running' AND attempt = ?2";

/// Records the outcome, unless the job is no longer this attempt's to end.
pub(super) fn end(
    transaction: &Transaction<'_>,
    Attempt { id, number }: Attempt,
    outcome: Result<&[u8], &Failure>,
) -> Result<bool> {
    let (state, error) = match outcome {
        Ok(_) => (State::Succeeded, None),
        Err(Failure(error)) => (State::Failed, Some(error)),
    };
    let row = (id, number, state, Timestamp::now(), error);
    if transaction.prepare_cached(END)?.execute(row)? == 0 {
        return Ok(false);
    }
    if let Ok(result) = outcome {
        let sql = "INSERT INTO result (job_id, result) VALUES (?1, ?2)";
        transaction.prepare_cached(sql)?.execute((id, result))?;
    }
    drop_input(transaction, id)?;
    Ok(true)
}

pub(super) const CANCEL: &str = "
    UPDATE job SET state = 'cancelled', finished_at = max(?2, coalesce(started_at, created_at))
    WHERE id = ?1 AND state IN ('queued', 'running')";

/// Calls a job off, unless it has ended; either way, how it stands.
pub(super) fn cancel(transaction: &Transaction<'_>, id: JobId) -> Result<Option<Job>> {
    if transaction.prepare_cached(CANCEL)?.execute((id, Timestamp::now()))? > 0 {
        drop_input(transaction, id)?;
    }
    reader::job(transaction, id)
}

/// An ended job is never run again.
fn drop_input(transaction: &Transaction<'_>, id: JobId) -> Result<()> {
    transaction.prepare_cached("DELETE FROM input WHERE job_id = ?1")?.execute([id])?;
    Ok(())
}

/// Puts a job back in its place in the queue, unless it is no longer this attempt's.
pub(super) fn release(
    transaction: &Transaction<'_>,
    Attempt { id, number }: Attempt,
) -> Result<()> {
    let sql = "
        UPDATE job SET state = 'queued', started_at = NULL
        WHERE id = ?1 AND state = 'running' AND attempt = ?2";
    transaction.prepare_cached(sql)?.execute((id, number))?;
    Ok(())
}

pub(super) const REQUEUE: &str =
    "UPDATE job SET state = 'queued', started_at = NULL WHERE state = 'running'";

/// Puts all that ran back in the queue: whoever ran it is no more.
pub(super) fn requeue(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute(REQUEUE, []).map(drop)
}
