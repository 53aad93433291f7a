//! How many connections each address has open: nobody is to take the places of all others.
//!
//! How many there are in all is counted in [`listener`](crate::listener).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A network of IPv6 is one customer's: this many bits name it.
const NETWORK_BITS: u32 = 64;

/// The connections that are open, by the address of the peer.
pub(crate) struct Addresses {
    connections_max: NonZeroU32,
    n_open: Mutex<HashMap<IpAddr, usize>>,
}

impl Addresses {
    pub(crate) fn new(connections_max: NonZeroU32) -> Arc<Self> {
        Arc::new(Self { connections_max, n_open: Mutex::default() })
    }

    /// Counts a connection for as long as what is returned lives, unless it is one too many.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let peer = network(peer);
        let mut n_open = self.n_open();
        let n = n_open.entry(peer).or_default();
        let is_free = *n < self.connections_max.get() as usize;
        *n += usize::from(is_free);
        is_free.then(|| Place { addresses: Arc::clone(self), peer })
    }

    fn n_open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.n_open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection.
pub(crate) struct Place {
    addresses: Arc<Addresses>,
    peer: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut n_open = self.addresses.n_open();
        let n = n_open.get_mut(&self.peer).expect("a place that is taken is counted");
        *n -= 1;
        if *n == 0 {
            n_open.remove(&self.peer);
        }
    }
}

/// What stands for all addresses that one peer can have.
pub(crate) fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(peer) => {
            let mask = u128::MAX << (Ipv6Addr::BITS - NETWORK_BITS);
            Ipv6Addr::from_bits(peer.to_bits() & mask).into()
        }
        peer @ IpAddr::V4(_) => peer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_so_many_places_and_each_network_of_ipv6() {
        let addresses = Addresses::new(NonZeroU32::MIN);
        let enter = |peer: &str| addresses.enter(peer.parse().unwrap());
        let places = [enter("10.0.0.1"), enter("10.0.0.2"), enter("2001:db8:0:1::1")];
        assert!(places.iter().all(Option::is_some));
        for peer in ["10.0.0.1", "::ffff:10.0.0.2", "2001:db8:0:1:ffff::"] {
            assert!(enter(peer).is_none(), "{peer}");
        }
        assert!(enter("2001:db8:0:2::1").is_some());
        drop(places);
        assert!(addresses.n_open().is_empty(), "who is gone is forgotten");
        assert!(enter("10.0.0.1").is_some());
    }
}
