//! The document as the emitter sees it: its components and its operations, every
//! rule of the contract checked on the way. How they look in Rust is not here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::name;
use super::node::{Node, Refusal};
use super::schema::{Member, Schema, Type, Usage};

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) schemas: Vec<Schema>,
    pub(crate) operations: Vec<Operation>,
}

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    /// The `{name}`s of the path, in their order there.
    pub(crate) path_parameters: Vec<Member>,
    pub(crate) query_parameters: Vec<Member>,
    pub(crate) body: Option<Body>,
    /// The one status that means success, and what comes with it.
    pub(crate) success: (u16, Type),
}

#[derive(Debug)]
pub(crate) enum Body {
    Json(String),
    Bytes,
}

/// The components that the client's hand-written layer knows as error bodies,
/// each with the media type that it comes as.
const ERROR_BODIES: [(&str, &str); 2] =
    [("application/problem+json", "Problem"), ("application/json", "PredictError")];

impl Document {
    /// Reads the document, or refuses it at the first place that breaks a rule.
    pub(crate) fn read(value: &Value) -> Result<Self, Refusal> {
        let root = Node::root(value);
        root.only(&["openapi", "info", "servers", "security", "tags", "paths", "components"])?;
        let version = root.member("openapi")?;
        if !version.text()?.starts_with("3.1.") {
            return Err(version.refuse("must be 3.1.x"));
        }
        root.member("info")?.member("contact")?;
        let components = root.member("components")?;
        components.only(&["schemas", "responses", "securitySchemes"])?;
        let nodes = components.member("schemas")?.members()?;
        let schemas = nodes.iter().map(|(name, node)| Schema::read(name, node));
        let schemas = schemas.collect::<Result<_, _>>()?;
        let mut document = Self { schemas, operations: operations(&root)? };
        document.check_references(&root, &nodes)?;
        document.find_usage();
        for (schema, (_, node)) in document.schemas.iter().zip(&nodes) {
            schema.check_usage(node)?;
        }
        Ok(document)
    }

    pub(crate) fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.name == name)
    }

    /// Refuses a reference to a component that is not there.
    fn check_references(&self, root: &Node, nodes: &[(&str, Node)]) -> Result<(), Refusal> {
        let missing = |name: &&str| self.schema(name).is_none();
        for (schema, (_, node)) in self.schemas.iter().zip(nodes) {
            if let Some(name) = schema.components().into_iter().find(missing) {
                return Err(node.refuse(format!("refers to `{name}`, which is not a component")));
            }
        }
        let mut used = self.operations.iter().flat_map(Operation::components);
        match used.find(|(name, _)| missing(name)) {
            Some((name, _)) => Err(root.refuse(format!("`{name}` is used and is no component"))),
            None => Ok(()),
        }
    }

    /// Marks each component with where it can be met, itself or inside another.
    fn find_usage(&mut self) {
        let mut open: Vec<(String, Usage)> = self
            .operations
            .iter()
            .flat_map(Operation::components)
            .chain(ERROR_BODIES.map(|(_, name)| (name, RESPONSE)))
            .map(|(name, usage)| (name.to_owned(), usage))
            .collect();
        while let Some((name, usage)) = open.pop() {
            let Some(schema) = self.schemas.iter_mut().find(|schema| schema.name == name) else {
                continue;
            };
            let merged = Usage {
                is_request: schema.usage.is_request || usage.is_request,
                is_response: schema.usage.is_response || usage.is_response,
            };
            if merged != schema.usage {
                schema.usage = merged;
                open.extend(schema.components().into_iter().map(|name| (name.to_owned(), merged)));
            }
        }
    }
}

const REQUEST: Usage = Usage { is_request: true, is_response: false };
const RESPONSE: Usage = Usage { is_request: false, is_response: true };

impl Operation {
    /// The components that it takes and gives, each with the side it stands on.
    pub(crate) fn components(&self) -> Vec<(&str, Usage)> {
        let parameters = self.path_parameters.iter().chain(&self.query_parameters);
        let mut components: Vec<_> = parameters
            .filter_map(|parameter| Some((parameter.r#type.component()?, REQUEST)))
            .collect();
        if let Some(Body::Json(name)) = &self.body {
            components.push((name, REQUEST));
        }
        components.extend(self.success.1.component().map(|name| (name, RESPONSE)));
        components
    }
}

fn operations(root: &Node) -> Result<Vec<Operation>, Refusal> {
    let mut operations = Vec::new();
    let mut ids = BTreeSet::new();
    for (path, item) in root.member("paths")?.members()? {
        item.only(&["get", "post", "put", "patch", "delete"])?;
        for (method, node) in item.members()? {
            let operation = Operation::read(root, path, method, &node)?;
            if !ids.insert(operation.id.clone()) {
                return Err(node.member("operationId")?.refuse("stands twice: choose another"));
            }
            operations.push(operation);
        }
    }
    Ok(operations)
}

impl Operation {
    fn read(root: &Node, path: &str, method: &str, node: &Node) -> Result<Self, Refusal> {
        node.only(&[
            "operationId",
            "tags",
            "summary",
            "description",
            "parameters",
            "requestBody",
            "responses",
            "security",
        ])?;
        node.member("tags")?;
        node.member("security")?;
        let id = node.member("operationId")?;
        name::check_member(id.text()?).map_err(|reason| id.refuse(reason))?;
        let parameters = node.get("parameters");
        let body = node.get("requestBody").map(|body| Body::read(&body)).transpose()?;
        let responses = node.member("responses")?;
        let success = read_responses(root, &responses)?;
        if success.1 == Type::Bytes && !matches!(body, Some(Body::Bytes)) {
            return Err(responses.refuse("bytes are an answer to bytes alone"));
        }
        if success.1 == Type::Text && body.is_some() {
            return Err(responses.refuse("text is an answer to no body"));
        }
        Ok(Self {
            id: id.text()?.to_owned(),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            summary: node.prose("summary")?.to_owned(),
            description: node.prose("description")?.to_owned(),
            path_parameters: path_parameters(path, node, parameters.as_ref())?,
            query_parameters: query_parameters(parameters.as_ref())?,
            body,
            success,
        })
    }
}

/// The parameters of the path, in the order of its `{name}`s.
fn path_parameters(path: &str, node: &Node, list: Option<&Node>) -> Result<Vec<Member>, Refusal> {
    let names: Vec<&str> =
        path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    let mut found = Vec::new();
    for parameter in parameters_in(list, "path")? {
        let member = read_parameter(&parameter)?;
        if !member.is_required || !names.contains(&member.name.as_str()) {
            return Err(parameter.refuse("a path parameter is required and stands in the path"));
        }
        found.push(member);
    }
    found.sort_by_key(|member| names.iter().position(|name| *name == member.name));
    if found.iter().map(|member| member.name.as_str()).eq(names) {
        Ok(found)
    } else {
        Err(node.refuse("each {name} of the path needs one parameter"))
    }
}

fn query_parameters(list: Option<&Node>) -> Result<Vec<Member>, Refusal> {
    let mut members = Vec::new();
    for parameter in parameters_in(list, "query")? {
        let member = read_parameter(&parameter)?;
        if member.is_required {
            return Err(parameter.refuse("a query parameter is optional: move it to the path"));
        }
        let is_list = matches!(member.r#type, Type::List(_));
        if is_list && parameter.flag("explode", true)? {
            return Err(parameter.refuse("a list is written with commas: set `explode: false`"));
        }
        members.push(member);
    }
    Ok(members)
}

fn parameters_in<'a>(list: Option<&Node<'a>>, place: &str) -> Result<Vec<Node<'a>>, Refusal> {
    let mut found = Vec::new();
    for parameter in list.map(Node::items).transpose()?.unwrap_or_default() {
        match parameter.member("in")?.text()? {
            here if here == place => found.push(parameter),
            "path" | "query" => {}
            _ => return Err(parameter.refuse("a parameter stands in the path or the query")),
        }
    }
    Ok(found)
}

fn read_parameter(node: &Node) -> Result<Member, Refusal> {
    node.only(&[
        "name",
        "in",
        "description",
        "required",
        "schema",
        "style",
        "explode",
        "example",
        "examples",
    ])?;
    let name = node.member("name")?;
    name::check_member(name.text()?).map_err(|reason| name.refuse(reason))?;
    let schema = node.member("schema")?;
    let r#type = Type::read(&schema)?;
    let item = if let Type::List(item) = &r#type { item } else { &r#type };
    if matches!(item, Type::List(_) | Type::Map(_) | Type::Any) {
        return Err(schema.refuse("a parameter is one plain value or a list of them"));
    }
    let description = node.prose("description")?.to_owned();
    let is_required = node.flag("required", false)?;
    Ok(Member { name: name.text()?.to_owned(), description, r#type, is_required })
}

impl Body {
    fn read(node: &Node) -> Result<Self, Refusal> {
        node.only(&["content", "description", "required"])?;
        let (media_type, content) = one_content(node)?;
        let schema = content.member("schema")?;
        match media_type {
            "application/json" => Ok(Self::Json(component(&schema)?)),
            "application/octet-stream" => check_binary(&schema).map(|()| Self::Bytes),
            _ => Err(content.refuse("a body is application/json or application/octet-stream")),
        }
    }
}

fn check_binary(schema: &Node) -> Result<(), Refusal> {
    schema.only(&["type", "format", "description"])?;
    match (schema.member("type")?.text()?, schema.member("format")?.text()?) {
        ("string", "binary") => Ok(()),
        _ => Err(schema.refuse("bytes are `type: string, format: binary`")),
    }
}

/// The media type and the content of what has exactly one.
fn one_content<'a>(node: &Node<'a>) -> Result<(&'a str, Node<'a>), Refusal> {
    let content = node.member("content")?;
    let [(media_type, only)] = &content.members()?[..] else {
        return Err(content.refuse("must have exactly one media type"));
    };
    only.only(&["schema", "example", "examples"])?;
    Ok((media_type, only.clone()))
}

/// The component that a body is; bodies are never written inline.
fn component(schema: &Node) -> Result<String, Refusal> {
    schema.only(&["$ref"])?;
    let name = schema.reference("schemas")?;
    name.map(str::to_owned).ok_or_else(|| schema.refuse("must be a $ref to a component"))
}

/// The status and type of success; every other response must be a known error.
fn read_responses(root: &Node, responses: &Node) -> Result<(u16, Type), Refusal> {
    let mut success = None;
    let mut has_refusal = false;
    for (status, response) in responses.members()? {
        let code: u16 =
            status.parse().map_err(|_| response.refuse("must be a status of three digits"))?;
        match code {
            200..=299 if success.is_some() => {
                return Err(response.refuse("an operation has one success"));
            }
            200..=299 => success = Some((code, read_success(&response)?)),
            400..=599 => {
                check_error(root, &response)?;
                has_refusal |= code < 500;
            }
            _ => return Err(response.refuse("a response is a success or an error")),
        }
    }
    if !has_refusal {
        return Err(responses.refuse("an operation has at least one 4xx"));
    }
    success.ok_or_else(|| responses.refuse("an operation has one success"))
}

fn read_success(response: &Node) -> Result<Type, Refusal> {
    response.only(&["description", "content", "headers"])?;
    if is_text_in_several_types(response)? {
        return Ok(Type::Text);
    }
    let (media_type, content) = one_content(response)?;
    let schema = content.member("schema")?;
    match media_type {
        "application/json" => {}
        "application/octet-stream" => return check_binary(&schema).map(|()| Type::Bytes),
        "text/plain" if Type::read(&schema)? == Type::Text => return Ok(Type::Text),
        _ => {
            let reason =
                "a success is application/json, application/octet-stream or a string as text/plain";
            return Err(content.refuse(reason));
        }
    }
    match Type::read(&schema)? {
        r#type @ (Type::Component(_) | Type::Any) => Ok(r#type),
        _ => Err(schema.refuse("must be a $ref to a component, or an object without members")),
    }
}

/// Whether a success is text, and can be had in more than one type. A client that says nothing of types gets the first.
fn is_text_in_several_types(response: &Node) -> Result<bool, Refusal> {
    let contents = response.member("content")?.members()?;
    if contents.len() < 2 {
        return Ok(false);
    }
    for (_, content) in &contents {
        content.only(&["schema"])?;
        if Type::read(&content.member("schema")?)? != Type::Text {
            return Err(content.refuse("of several types each is a string"));
        }
    }
    Ok(true)
}

/// Refuses an error that is not a named response with a body the client knows.
fn check_error(root: &Node, response: &Node) -> Result<(), Refusal> {
    response.only(&["$ref"])?;
    let name = response.reference("responses")?;
    let name = name.ok_or_else(|| response.refuse("an error is a $ref to a named response"))?;
    let named = root.member("components")?.member("responses")?.member(name)?;
    let (media_type, content) = one_content(&named)?;
    let body = component(&content.member("schema")?)?;
    if ERROR_BODIES.contains(&(media_type, &body)) {
        return Ok(());
    }
    Err(content.refuse("an error is a Problem as application/problem+json, or a PredictError"))
}
