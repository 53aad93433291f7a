//! Components and the types of their members: exactly the shapes that the
//! contract's writing rules allow. Paths and operations are in `document`.

use super::name;
use super::node::{Node, Refusal};

/// A named component.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) shape: Shape,
    /// Whether a request or a response, or what they hold, is made of it.
    pub(crate) usage: Usage,
}

/// Where a component can be met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) is_request: bool,
    pub(crate) is_response: bool,
}

#[derive(Debug)]
pub(crate) enum Shape {
    /// Members by name; `is_closed` refuses others.
    Object { members: Vec<Member>, is_closed: bool },
    /// Any names, each with a value of one type.
    Map(Type),
    /// One of these strings.
    Enum(Vec<String>),
}

/// A member of an object, or a parameter of an operation.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) r#type: Type,
    pub(crate) is_required: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Boolean,
    Number,
    Int32,
    Int64,
    Uint64,
    Text,
    /// A body that is no text.
    Bytes,
    /// An object of which nothing is said.
    Any,
    List(Box<Type>),
    Map(Box<Type>),
    Component(String),
}

impl Type {
    /// The component that this is made of, if any.
    pub(crate) fn component(&self) -> Option<&str> {
        match self {
            Self::Component(name) => Some(name),
            Self::List(item) | Self::Map(item) => item.component(),
            _ => None,
        }
    }
}

impl Schema {
    pub(crate) fn read(name: &str, node: &Node) -> Result<Self, Refusal> {
        name::check_component(name).map_err(|reason| node.refuse(reason))?;
        let shape = match node.member("type")?.text()? {
            "object" if node.get("properties").is_some() => Shape::read_object(node)?,
            "object" => Shape::Map(map_value(node)?),
            "string" => Shape::read_enum(node)?,
            _ => return Err(node.refuse("a component is an object, a map or an enum of strings")),
        };
        let description = node.prose("description")?.to_owned();
        Ok(Self { name: name.to_owned(), description, shape, usage: Usage::default() })
    }

    /// The components that this one holds.
    pub(crate) fn components(&self) -> Vec<&str> {
        match &self.shape {
            Shape::Object { members, .. } => {
                members.iter().filter_map(|member| member.r#type.component()).collect()
            }
            Shape::Map(value) => value.component().into_iter().collect(),
            Shape::Enum(_) => Vec::new(),
        }
    }

    /// Refuses a shape that does not suit where it is met.
    pub(crate) fn check_usage(&self, node: &Node) -> Result<(), Refusal> {
        let Shape::Object { is_closed, .. } = self.shape else { return Ok(()) };
        match self.usage {
            Usage { is_response: true, .. } if is_closed => Err(node.refuse(
                "a response stays open for new members: remove `additionalProperties: false`",
            )),
            Usage { is_request: true, is_response: false } if !is_closed => Err(node
                .refuse("a request refuses unknown members: write `additionalProperties: false`")),
            _ => Ok(()),
        }
    }
}

impl Shape {
    fn read_object(node: &Node) -> Result<Self, Refusal> {
        node.only(&[
            "type",
            "description",
            "properties",
            "required",
            "additionalProperties",
            "example",
            "examples",
        ])?;
        let is_closed = !node.flag("additionalProperties", true)?;
        let properties = node.member("properties")?;
        let required = required(node, &properties)?;
        let member = |(name, node): &(&str, Node)| {
            name::check_member(name).map_err(|reason| node.refuse(reason))?;
            Member::read(name, node, required.contains(name))
        };
        let members = properties.members()?.iter().map(member).collect::<Result<_, _>>()?;
        Ok(Self::Object { members, is_closed })
    }

    fn read_enum(node: &Node) -> Result<Self, Refusal> {
        node.only(&["type", "description", "enum", "example", "examples"])?;
        let values = node.member("enum")?;
        let mut names: Vec<String> = Vec::new();
        for value in values.items()? {
            let name = value.text()?;
            name::check_snake(name).map_err(|reason| value.refuse(reason))?;
            if names.iter().any(|other| other == name) {
                return Err(value.refuse("stands twice: remove one"));
            }
            names.push(name.to_owned());
        }
        if names.is_empty() { Err(values.refuse("names no value")) } else { Ok(Self::Enum(names)) }
    }
}

/// The names under `required`, each of which must be a property.
fn required<'a>(node: &Node<'a>, properties: &Node) -> Result<Vec<&'a str>, Refusal> {
    let Some(required) = node.get("required") else { return Ok(Vec::new()) };
    let name = |node: Node<'a>| match node.text()? {
        name if properties.get(name).is_some() => Ok(name),
        name => Err(node.refuse(format!("`{name}` is not among the properties"))),
    };
    required.items()?.into_iter().map(name).collect()
}

impl Member {
    pub(crate) fn read(name: &str, node: &Node, is_required: bool) -> Result<Self, Refusal> {
        let r#type = Type::read(node)?;
        let description = match node.get("description") {
            None if r#type.component().is_some() => String::new(),
            _ => node.prose("description")?.to_owned(),
        };
        Ok(Self { name: name.to_owned(), description, r#type, is_required })
    }
}

/// What every value may carry beside its type.
const NOTES: [&str; 5] = ["type", "description", "example", "examples", "default"];

impl Type {
    /// The type of a value: a reference, or a shape that needs no name.
    pub(crate) fn read(node: &Node) -> Result<Self, Refusal> {
        if let Some(name) = node.reference("schemas")? {
            node.only(&["$ref", "description"])?;
            return Ok(Self::Component(name.to_owned()));
        }
        for word in ["oneOf", "anyOf", "allOf", "const", "not"] {
            if let Some(union) = node.get(word) {
                return Err(union.refuse(format!("`{word}` is not allowed: use a flat object")));
            }
        }
        let kind = node.member("type")?;
        match kind.value.as_str() {
            Some("boolean") => only(node, &[], Self::Boolean),
            Some("integer") => Self::read_integer(node),
            Some("number") => Self::read_number(node),
            Some("string") => Self::read_text(node),
            Some("array") => Self::read_list(node),
            Some("object") => Self::read_map(node),
            _ => Err(kind.refuse("must be one type: what is absent is left out, never null")),
        }
    }

    fn read_integer(node: &Node) -> Result<Self, Refusal> {
        let format = node.member("format")?;
        let minimum = node.get("minimum").and_then(|minimum| minimum.value.as_f64());
        let r#type = match format.text()? {
            "int32" => Self::Int32,
            "int64" if minimum.is_some_and(|minimum| minimum >= 0.0) => Self::Uint64,
            "int64" => Self::Int64,
            _ => return Err(format.refuse("an integer is int32 or int64")),
        };
        only(node, &["format", "minimum", "maximum"], r#type)
    }

    fn read_number(node: &Node) -> Result<Self, Refusal> {
        let format = node.member("format")?;
        if format.text()? != "double" {
            return Err(format.refuse("a number is a double"));
        }
        let bounds = ["format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        only(node, &bounds, Self::Number)
    }

    fn read_text(node: &Node) -> Result<Self, Refusal> {
        if let Some(values) = node.get("enum") {
            return Err(values.refuse("an enum is a component of its own: use $ref"));
        }
        if let Some(format) = node.get("format")
            && !["date-time", "uri", "uri-reference"].contains(&format.text()?)
        {
            return Err(format.refuse("a text is plain, a date-time, a uri or a uri-reference"));
        }
        only(node, &["format", "minLength", "maxLength", "pattern"], Self::Text)
    }

    fn read_list(node: &Node) -> Result<Self, Refusal> {
        let item = Self::read(&node.member("items")?)?;
        only(node, &["items", "minItems", "maxItems", "uniqueItems"], Self::List(Box::new(item)))
    }

    fn read_map(node: &Node) -> Result<Self, Refusal> {
        if let Some(properties) = node.get("properties") {
            return Err(properties.refuse("an object is a component of its own: use $ref"));
        }
        if node.get("additionalProperties").is_none() {
            return only(node, &[], Self::Any);
        }
        map_value(node).map(|value| Self::Map(Box::new(value)))
    }
}

/// The type of a map's values.
fn map_value(node: &Node) -> Result<Type, Refusal> {
    let value = Type::read(&node.member("additionalProperties")?)?;
    only(node, &["additionalProperties", "minProperties", "maxProperties"], value)
}

/// The type, once the node is known to hold nothing else than these words.
fn only(node: &Node, words: &[&str], r#type: Type) -> Result<Type, Refusal> {
    node.only(&[&NOTES, words].concat())?;
    Ok(r#type)
}
