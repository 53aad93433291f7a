//! The place of one cell in a record that has been read before, for messages. It looks again, by name.

use super::{
    RowKind,
    cursor::{Cursor, unescape},
};

/// Where the cell of the column `name` begins in the record at the cursor, if it has one.
pub(super) fn locate(mut cursor: Cursor<'_>, kind: RowKind, name: &str) -> Option<usize> {
    cursor.space();
    match kind {
        RowKind::Object => in_object(&mut cursor, "", name),
        RowKind::Array { .. } => in_array(&mut cursor, name),
        RowKind::Value => Some(cursor.at),
    }
}

fn in_object(cursor: &mut Cursor<'_>, prefix: &str, name: &str) -> Option<usize> {
    let mut more = cursor.open(b'}', 0).ok()?;
    while more {
        let start = cursor.at + 1;
        let (end, _) = cursor.name().ok()?;
        let member = prefix.to_owned() + &unescape(cursor.text(start, end - 1));
        if let Some(at) = in_value(cursor, &member, name) {
            return Some(at);
        }
        more = cursor.more(b'}').ok()?;
    }
    None
}

fn in_array(cursor: &mut Cursor<'_>, name: &str) -> Option<usize> {
    let mut more = cursor.open(b']', 0).ok()?;
    for number in 1.. {
        if !more {
            break;
        }
        if let Some(at) = in_value(cursor, &number.to_string(), name) {
            return Some(at);
        }
        more = cursor.more(b']').ok()?;
    }
    None
}

/// The same in the value here of a member; it is stepped over if the cell is not in it.
fn in_value(cursor: &mut Cursor<'_>, member: &str, name: &str) -> Option<usize> {
    let is_object = cursor.peek() == Some(b'{');
    let rest = name.strip_prefix(member);
    if is_object && rest.is_some_and(|rest| rest.starts_with('.')) {
        return in_object(cursor, &format!("{member}."), name);
    }
    if !is_object && rest == Some("") {
        return Some(cursor.at);
    }
    cursor.value(0).ok()?;
    None
}
