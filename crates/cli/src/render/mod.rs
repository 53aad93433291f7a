//! An answer for people: a table where the terminal has room for it, else a block for each column. What is
//! shown is decided in `grid`, where it stands in `table`; JSON is not here.

mod grid;
mod job;
mod sections;
mod table;
mod terminal;

pub(crate) use grid::Headings;
pub(crate) use job::{job_block, job_table};
pub(crate) use table::table;
pub(crate) use terminal::Terminal;
