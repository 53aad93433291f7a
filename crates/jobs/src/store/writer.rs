//! The one thread that writes: requests wait in a channel, those that wait together are committed together,
//! and each is answered after the commit. What a request writes is not here.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Result, Transaction, TransactionBehavior};

use crate::Error;

/// How many requests are committed together at the most, so that the first need not wait for ever.
const GROUP_MAX: usize = 256;

/// An error that everyone in a group is told.
type Shared<T> = Result<T, Arc<rusqlite::Error>>;

pub(super) struct Writer {
    /// None only while it is dropped: a closed channel ends the thread.
    requests: Option<Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, Error> {
        let (requests, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("jobs-writer".to_owned())
            .spawn(move || write(connection, &waiting))
            .map_err(Error::threads)?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Does `work` in a transaction and waits until it is on disk.
    ///
    /// `work` may be done again when the transaction that it shared with others failed. `committed` follows the
    /// commit on the writing thread, so that what it does happens in the order of the commits.
    pub(super) fn call<T: Send + 'static>(
        &self,
        work: impl FnMut(&Transaction<'_>) -> Result<T> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Shared<T> {
        let (answer, answered) = sync_channel(1);
        let call = Call { work, committed, done: None, answer };
        let requests =
            self.requests.as_ref().expect("the channel is open until the store is dropped");
        requests.send(Box::new(call)).expect("the writing thread lives as long as the store");
        answered.recv().expect("the writing thread answers every request")
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            // Whatever ended the thread, each request that it left was told by a closed channel.
            let _ = thread.join();
        }
    }
}

/// A request whatever the type of its answer.
trait Request: Send {
    fn work(&mut self, transaction: &Transaction<'_>) -> Result<()>;
    fn answer(self: Box<Self>, commit: Shared<()>);
}

struct Call<T, W, C> {
    work: W,
    committed: C,
    done: Option<T>,
    answer: SyncSender<Shared<T>>,
}

impl<T, W, C> Request for Call<T, W, C>
where
    T: Send,
    W: FnMut(&Transaction<'_>) -> Result<T> + Send,
    C: FnOnce(&T) + Send,
{
    fn work(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        self.done = Some((self.work)(transaction)?);
        Ok(())
    }

    fn answer(self: Box<Self>, commit: Shared<()>) {
        let Self { committed, done, answer, .. } = *self;
        let answered = commit.map(|()| done.expect("what is committed was done"));
        if let Ok(done) = &answered {
            committed(done);
        }
        answer.send(answered).expect("the caller waits for its answer");
    }
}

fn write(mut connection: Connection, waiting: &Receiver<Box<dyn Request>>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP_MAX - 1));
        if commit(&mut connection, &mut group).is_ok() {
            group.into_iter().for_each(|request| request.answer(Ok(())));
        } else {
            group.into_iter().for_each(|request| write_alone(&mut connection, request));
        }
    }
}

/// So that nobody is told of an error that another request had.
fn write_alone(connection: &mut Connection, mut request: Box<dyn Request>) {
    let commit = commit(connection, std::slice::from_mut(&mut request));
    request.answer(commit.map_err(Arc::new));
}

/// All of the requests, or none.
fn commit(connection: &mut Connection, group: &mut [Box<dyn Request>]) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    group.iter_mut().try_for_each(|request| request.work(&transaction))?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSERT: &str = "INSERT INTO number VALUES (?1)";

    /// Numbers are inserted in one group, behind a request that holds the thread until all of them wait.
    fn insert_together(writer: &Writer, numbers: &[i64]) -> Vec<Shared<usize>> {
        let requests = writer.requests.as_ref().unwrap();
        let send = |request: Box<dyn Request>| requests.send(request).unwrap();
        let (let_go, gate) = channel::<()>();
        // Ends when the other end is dropped, and at once should it be done again.
        let hold = move |_: &Transaction<'_>| {
            let _ = gate.recv();
            Ok(())
        };
        let (answer, _held) = sync_channel(1);
        send(Box::new(Call { work: hold, committed: |(): &()| (), done: None, answer }));
        let insert = |number: &i64| {
            let (number, (answer, answered)) = (*number, sync_channel(1));
            let work = move |transaction: &Transaction<'_>| transaction.execute(INSERT, [number]);
            send(Box::new(Call { work, committed: |_: &usize| (), done: None, answer }));
            answered
        };
        let answers: Vec<_> = numbers.iter().map(insert).collect();
        drop(let_go);
        answers.into_iter().map(|answered| answered.recv().unwrap()).collect()
    }

    #[test]
    fn a_request_that_fails_does_not_fail_those_it_waited_with() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE number (number INTEGER PRIMARY KEY)").unwrap();
        let writer = Writer::start(connection).unwrap();
        let answers = insert_together(&writer, &[3, 1, 3, 2]);
        let is_ok: Vec<bool> = answers.iter().map(Shared::is_ok).collect();
        assert_eq!(is_ok, [true, true, false, true]);
        let list = |transaction: &Transaction<'_>| {
            let mut statement = transaction.prepare("SELECT number FROM number")?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>>>()
        };
        assert_eq!(writer.call(list, |_| ()).unwrap(), [1, 2, 3]);
    }
}
