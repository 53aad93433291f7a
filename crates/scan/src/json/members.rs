//! The members of records as one thread knows them, so that it need not ask the others: objects are nodes of a tree, and
//! a member is looked for first where the record before had it.

use std::collections::BTreeMap;

use super::{
    cursor::{Cursor, unescape},
    fault::{Fault, JsonFault},
    names::Names,
    swar::begins,
};

/// The node of the record itself.
pub(super) const ROOT: usize = 0;

/// How many members that are absent are stepped over before a name is looked up.
const GUESSES_MAX: usize = 4;

/// The members of the records, known so far.
pub(super) struct Members<'a> {
    names: &'a Names,
    nodes: Vec<Node>,
    /// How many records have begun.
    n_records: u64,
}

/// An object.
#[derive(Default)]
struct Node {
    /// What stands before the names of its members: its own name and a dot.
    prefix: String,
    /// In the order of their first appearance.
    members: Vec<Member>,
    index_of: BTreeMap<String, usize>,
}

struct Member {
    /// Its name as it was first written, quotes and all: the same bytes are the same name.
    written: Box<[u8]>,
    name: String,
    /// Its index among all names.
    index: usize,
    column: Column,
    /// The node of the objects that are its values.
    node: Option<usize>,
    /// How many records had begun when it was last read.
    n_records: u64,
}

#[derive(Clone, Copy)]
enum Column {
    /// It has had no cell.
    Unknown,
    Unwanted,
    At(usize),
}

impl<'a> Members<'a> {
    pub(super) fn new(names: &'a Names) -> Self {
        Self { names, nodes: vec![Node::default()], n_records: 0 }
    }

    /// Begins a record, in which each member may stand once.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.n_records += 1;
    }

    /// Steps over a name and its colon, and gives the index of the member in its node. It is looked for at `guess`
    /// first.
    #[inline]
    pub(super) fn read(
        &mut self,
        node: usize,
        guess: usize,
        cursor: &mut Cursor<'_>,
    ) -> Result<usize, Fault> {
        let start = cursor.at;
        let index = match self.guess(node, guess, cursor) {
            Some(index) => {
                cursor.colon()?;
                index
            }
            None => self.look_up(node, cursor)?,
        };
        let member = &mut self.nodes[node].members[index];
        if member.n_records == self.n_records {
            return Err(JsonFault::Duplicate.at(start));
        }
        member.n_records = self.n_records;
        Ok(index)
    }

    /// Steps over a name that is one of a few.
    #[inline]
    fn guess(&self, node: usize, first: usize, cursor: &mut Cursor<'_>) -> Option<usize> {
        let rest = &cursor.bytes[cursor.at..];
        let few = self.nodes[node].members.iter().enumerate().skip(first).take(GUESSES_MAX);
        for (index, member) in few {
            if begins(rest, &member.written) {
                cursor.at += member.written.len();
                return Some(index);
            }
        }
        None
    }

    #[inline(never)]
    fn look_up(&mut self, node: usize, cursor: &mut Cursor<'_>) -> Result<usize, Fault> {
        let start = cursor.at;
        let (end, escaped) = cursor.name()?;
        let raw = cursor.text(start + 1, end - 1);
        let unescaped = escaped.then(|| unescape(raw));
        let name = unescaped.as_deref().unwrap_or(raw);
        if let Some(index) = self.nodes[node].index_of.get(name) {
            return Ok(*index);
        }
        let written = &cursor.bytes[start..end];
        self.add(node, name, written).map_err(|fault| fault.at(start))
    }

    fn add(&mut self, node: usize, name: &str, written: &[u8]) -> Result<usize, JsonFault> {
        let Node { prefix, members, index_of } = &mut self.nodes[node];
        let path = format!("{prefix}{name}");
        let index = self.names.member(&path)?;
        index_of.insert(name.to_owned(), members.len());
        members.push(Member {
            written: written.into(),
            name: path,
            index,
            column: Column::Unknown,
            node: None,
            n_records: 0,
        });
        Ok(members.len() - 1)
    }

    /// The index of the member of the root that stands for a value in a record that is an array: its number.
    pub(super) fn numbered(&mut self, index: usize) -> Result<usize, JsonFault> {
        if index < self.nodes[ROOT].members.len() {
            return Ok(index);
        }
        self.add(ROOT, &(index + 1).to_string(), b"")
    }

    /// The node of the object that is the value of a member.
    #[inline]
    pub(super) fn object(&mut self, node: usize, member: usize) -> usize {
        let next = self.nodes.len();
        let member = &mut self.nodes[node].members[member];
        if let Some(node) = member.node {
            return node;
        }
        member.node = Some(next);
        let prefix = format!("{}.", member.name);
        self.nodes.push(Node { prefix, ..Node::default() });
        next
    }

    /// The column of a member that has a cell at this position of the stream.
    #[inline]
    pub(super) fn column(
        &mut self,
        node: usize,
        member: usize,
        offset: u64,
    ) -> Result<Option<usize>, JsonFault> {
        let member = &mut self.nodes[node].members[member];
        match member.column {
            Column::At(column) => return Ok(Some(column)),
            Column::Unwanted => return Ok(None),
            Column::Unknown => {}
        }
        let column = self.names.cell(member.index, offset)?;
        member.column = column.map_or(Column::Unwanted, Column::At);
        Ok(column)
    }
}
