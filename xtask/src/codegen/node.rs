//! A place in the document and its JSON pointer, so that whatever reads a place
//! can refuse it by name. What the places mean is not known here.

use serde_json::Value;

/// A shape that the contract's writing rules do not allow.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("openapi/exacta.json#{pointer}: {reason}")]
pub(crate) struct Refusal {
    pub(crate) pointer: String,
    pub(crate) reason: String,
}

/// One value of the document, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) value: &'a Value,
    pointer: String,
}

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { value, pointer: String::new() }
    }

    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal { pointer: self.pointer.clone(), reason: reason.into() }
    }

    /// The member of that name, where there is one.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        Some(self.child(name, self.value.get(name)?))
    }

    /// The member of that name, which the rules ask for.
    pub(crate) fn member(&self, name: &str) -> Result<Self, Refusal> {
        self.get(name).ok_or_else(|| self.refuse(format!("`{name}` is missing: write it")))
    }

    pub(crate) fn text(&self) -> Result<&'a str, Refusal> {
        self.value.as_str().ok_or_else(|| self.refuse("must be a string"))
    }

    /// A text that has something to say.
    pub(crate) fn prose(&self, name: &str) -> Result<&'a str, Refusal> {
        let node = self.member(name)?;
        match node.text()?.trim() {
            "" => Err(node.refuse("is empty: say what this is for")),
            text => Ok(text),
        }
    }

    /// The members of an object, in the order they were written.
    pub(crate) fn members(&self) -> Result<Vec<(&'a str, Self)>, Refusal> {
        let object = self.value.as_object().ok_or_else(|| self.refuse("must be an object"))?;
        Ok(object.iter().map(|(name, value)| (name.as_str(), self.child(name, value))).collect())
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Result<Vec<Self>, Refusal> {
        let array = self.value.as_array().ok_or_else(|| self.refuse("must be an array"))?;
        Ok(array.iter().enumerate().map(|(i, value)| self.child(&i.to_string(), value)).collect())
    }

    /// Refuses every member but these and the `x-` extensions, at the member itself.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Refusal> {
        for (name, node) in self.members()? {
            if !names.contains(&name) && !name.starts_with("x-") {
                return Err(node.refuse(format!("`{name}` is not allowed here: remove it")));
            }
        }
        Ok(())
    }

    /// Whether the value is exactly `true`, `false` or absent, as a boolean.
    pub(crate) fn flag(&self, name: &str, absent: bool) -> Result<bool, Refusal> {
        let Some(node) = self.get(name) else { return Ok(absent) };
        node.value.as_bool().ok_or_else(|| node.refuse("must be true or false"))
    }

    /// The component that a `$ref` of this kind (`schemas`, `responses`) names.
    pub(crate) fn reference(&self, kind: &str) -> Result<Option<&'a str>, Refusal> {
        let Some(node) = self.get("$ref") else { return Ok(None) };
        let name = node.text()?.strip_prefix(&format!("#/components/{kind}/"));
        let name = name.filter(|name| !name.is_empty() && !name.contains('/'));
        name.map(Some)
            .ok_or_else(|| node.refuse(format!("must be #/components/{kind}/ and a name")))
    }

    fn child(&self, name: &str, value: &'a Value) -> Self {
        let name = name.replace('~', "~0").replace('/', "~1");
        Self { value, pointer: format!("{}/{name}", self.pointer) }
    }
}
