//! Room that requests draw on, in memory or on a disk: so much in all, and of that so much for one client.
//!
//! How much a request needs is not here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::activity::Activity;
use crate::auth::Principal;
use crate::problem::Refusal;

/// Room is lent in pieces of this many bytes.
const PIECE_BYTES: u64 = 64 << 10;

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    Principal(Arc<str>),
    /// Where nobody is asked who they are.
    Network(IpAddr),
}

impl Client {
    /// The principal that calls, or else the peer of its connection. A service without sockets knows neither.
    pub(crate) fn of(
        principal: Option<&Principal>,
        activity: Option<&Arc<Activity>>,
    ) -> Option<Self> {
        let principal = principal.map(|principal| Self::Principal(Arc::clone(principal.name())));
        principal.or_else(|| activity.map(|activity| Self::Network(activity.network())))
    }
}

/// Room that is lent.
pub(crate) struct Room {
    n_pieces: usize,
    /// How many of them one client may hold by more than one request.
    n_pieces_per_client: usize,
    lent: Mutex<Lent>,
}

#[derive(Default)]
struct Lent {
    n_pieces: usize,
    by_client: HashMap<Client, usize>,
}

impl Room {
    /// So many bytes, of which one client may have so many hundredths.
    pub(crate) fn new(bytes_max: u64, client_percent_max: u8) -> Arc<Self> {
        let n_pieces = bytes_max.div_ceil(PIECE_BYTES);
        let n_pieces_per_client = u128::from(n_pieces) * u128::from(client_percent_max) / 100;
        Arc::new(Self {
            n_pieces: n_pieces as usize,
            n_pieces_per_client: n_pieces_per_client as usize,
            lent: Mutex::default(),
        })
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> u64 {
        self.n_pieces as u64 * PIECE_BYTES
    }

    /// How many bytes are lent.
    pub(crate) fn lent(&self) -> u64 {
        self.state().n_pieces as u64 * PIECE_BYTES
    }

    /// An account with nothing drawn on it. One that is nobody's has no limit but the room.
    pub(crate) fn open_account(self: &Arc<Self>, client: Option<Client>) -> Account {
        Account { room: Arc::clone(self), client, len: 0, n_pieces: 0 }
    }

    fn state(&self) -> MutexGuard<'_, Lent> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends more pieces to an account.
    fn lend(&self, account: &Account, n_more: usize) -> Result<(), Refusal> {
        let mut lent = self.state();
        if n_more > self.n_pieces - lent.n_pieces {
            return Err(Refusal::Busy);
        }
        if let Some(client) = &account.client {
            let n_pieces = lent.by_client.get(client).copied().unwrap_or_default();
            // The only request of a client has no limit but those of a request.
            let is_only = n_pieces == account.n_pieces;
            if !is_only && n_pieces + n_more > self.n_pieces_per_client {
                return Err(Refusal::ClientBusy);
            }
            lent.by_client.insert(client.clone(), n_pieces + n_more);
        }
        lent.n_pieces += n_more;
        Ok(())
    }

    /// Takes back what an account holds.
    fn take_back(&self, account: &Account) {
        let mut lent = self.state();
        lent.n_pieces -= account.n_pieces;
        let Some(client) = &account.client else { return };
        let n_pieces = lent.by_client.get_mut(client).expect("a client that holds some is known");
        *n_pieces -= account.n_pieces;
        if *n_pieces == 0 {
            lent.by_client.remove(client);
        }
    }
}

/// The room that one request holds for its body and for what is computed from it; it is given
/// back on drop.
pub(crate) struct Account {
    room: Arc<Room>,
    client: Option<Client>,
    len: u64,
    n_pieces: usize,
}

impl Account {
    /// Makes room for `len` bytes in all. What is more than all the room there is takes all
    /// of it: such a request is alone, but it is answered.
    ///
    /// It refuses rather than waits: requests that each hold a part of the
    /// memory and wait for more would wait for ever.
    pub(crate) fn grow_to(&mut self, len: u64) -> Result<(), Refusal> {
        let n_pieces = (len.div_ceil(PIECE_BYTES) as usize).min(self.room.n_pieces);
        if n_pieces > self.n_pieces {
            self.room.lend(self, n_pieces - self.n_pieces)?;
            self.n_pieces = n_pieces;
        }
        self.len = len;
        Ok(())
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if self.n_pieces > 0 {
            self.room.take_back(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: u64 = 10 * PIECE_BYTES;

    fn open(room: &Arc<Room>, name: Option<&str>, n_pieces: u64) -> Result<Account, Refusal> {
        let mut account = room.open_account(name.map(|name| Client::Principal(name.into())));
        account.grow_to(n_pieces * PIECE_BYTES).map(|()| account)
    }

    #[test]
    fn one_client_leaves_room_to_others() {
        let room = Room::new(ROOM, 50);
        let mut anns = [open(&room, Some("ann"), 1).unwrap(), open(&room, Some("ann"), 4).unwrap()];
        assert!(matches!(open(&room, Some("ann"), 1), Err(Refusal::ClientBusy)));
        assert!(matches!(anns[0].grow_to(2 * PIECE_BYTES), Err(Refusal::ClientBusy)));
        let bobs = open(&room, Some("bob"), 5).unwrap();
        assert_eq!(room.lent(), ROOM);
        assert!(matches!(open(&room, Some("eve"), 1), Err(Refusal::Busy)));
        drop((anns, bobs));
        assert_eq!(room.lent(), 0);
        assert!(room.state().by_client.is_empty(), "who is gone is forgotten");
    }

    #[test]
    fn what_is_alone_may_have_all_and_nobody_in_particular_too() {
        let room = Room::new(ROOM, 50);
        let mut only = open(&room, Some("ann"), 8).unwrap();
        only.grow_to(u64::MAX).unwrap();
        assert_eq!(room.lent(), ROOM);
        drop(only);
        let nobodys: Vec<_> = (0..10).map(|_| open(&room, None, 1).unwrap()).collect();
        assert_eq!(room.lent(), ROOM);
        drop(nobodys);
        assert_eq!(room.lent(), 0);
    }
}
