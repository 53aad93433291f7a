//! What only one processor architecture can do, behind safe doors: the one module in which `unsafe` is
//! allowed. Reading and writing the floating-point control word is all there is so far.
#![allow(unsafe_code)]

mod vector;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "aarch64")]
pub(super) use aarch64::{CONTROL_DEFAULT, CONTROL_MASK, control, set_control};

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::{CONTROL_DEFAULT, CONTROL_MASK, control, set_control};

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod other;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) use other::{CONTROL_DEFAULT, CONTROL_MASK, control, set_control};
