//! The little of protobuf that it takes to write a model by hand.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test's numbers are small"
)]
#![allow(dead_code, unreachable_pub)]

/// A field of one whole number.
pub fn number(field: u32, value: u64) -> Vec<u8> {
    let mut out = varint(u64::from(field) << 3);
    out.extend(varint(value));
    out
}

/// A field of bytes, a text, or a message.
pub fn bytes(field: u32, value: &[u8]) -> Vec<u8> {
    let mut out = varint((u64::from(field) << 3) | 2);
    out.extend(varint(value.len() as u64));
    out.extend(value);
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A node without attributes.
pub fn node(op: &str, name: &str, inputs: &[&str], outputs: &[&str]) -> Vec<u8> {
    node_with(op, name, inputs, outputs, &[])
}

pub fn node_with(
    op: &str,
    name: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[Vec<u8>],
) -> Vec<u8> {
    let mut node = Vec::new();
    inputs
        .iter()
        .for_each(|i| node.extend(bytes(1, i.as_bytes())));
    outputs
        .iter()
        .for_each(|o| node.extend(bytes(2, o.as_bytes())));
    node.extend(bytes(3, name.as_bytes()));
    node.extend(bytes(4, op.as_bytes()));
    node.extend(attributes.concat());
    bytes(1, &node)
}

/// An attribute of one whole number.
pub fn int(name: &str, value: i64) -> Vec<u8> {
    let parts = [
        bytes(1, name.as_bytes()),
        number(3, value as u64),
        number(20, 2),
    ];
    bytes(5, &parts.concat())
}

/// An attribute of one float.
pub fn float(name: &str, value: f32) -> Vec<u8> {
    let mut attribute = bytes(1, name.as_bytes());
    // Field 2, four bytes.
    attribute.push((2 << 3) | 5);
    attribute.extend(value.to_le_bytes());
    attribute.extend(number(20, 1));
    bytes(5, &attribute)
}

/// An attribute of whole numbers.
pub fn ints(name: &str, values: &[i64]) -> Vec<u8> {
    let mut attribute = bytes(1, name.as_bytes());
    values
        .iter()
        .for_each(|&v| attribute.extend(number(8, v as u64)));
    attribute.extend(number(20, 7));
    bytes(5, &attribute)
}

/// An attribute that is that of the function's caller, of a list of whole numbers.
pub fn of_caller(name: &str, theirs: &str) -> Vec<u8> {
    let parts = [
        bytes(1, name.as_bytes()),
        bytes(21, theirs.as_bytes()),
        number(20, 7),
    ];
    bytes(5, &parts.concat())
}

/// A function of the file, of the nodes that `node` makes; for `model_with`.
pub fn function(name: &str, inputs: &[&str], outputs: &[&str], nodes: &[Vec<u8>]) -> Vec<u8> {
    let mut function = bytes(1, name.as_bytes());
    inputs
        .iter()
        .for_each(|i| function.extend(bytes(4, i.as_bytes())));
    outputs
        .iter()
        .for_each(|o| function.extend(bytes(5, o.as_bytes())));
    for node in nodes {
        // A graph's nodes are its field 1, a function's are field 7.
        function.push((7 << 3) | 2);
        function.extend(&node[1..]);
    }
    function.extend(bytes(9, &number(2, 17)));
    function.extend(bytes(10, b"local"));
    bytes(25, &function)
}

/// A node that calls a function of the file.
pub fn call(
    function: &str,
    name: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[Vec<u8>],
) -> Vec<u8> {
    let mut all = attributes.to_vec();
    all.push(bytes(7, b"local"));
    node_with(function, name, inputs, outputs, &all)
}

/// An initialiser of the graph.
pub fn tensor(name: &str, dims: &[i64], kind: u64, raw: &[u8]) -> Vec<u8> {
    let mut tensor = Vec::new();
    dims.iter()
        .for_each(|&d| tensor.extend(number(1, d as u64)));
    tensor.extend(number(2, kind));
    tensor.extend(bytes(8, name.as_bytes()));
    tensor.extend(bytes(9, raw));
    bytes(5, &tensor)
}

/// An input (field 11) or output (12) of the graph.
pub fn port(field: u32, name: &str, dims: &[i64], kind: u64) -> Vec<u8> {
    let mut shape = Vec::new();
    dims.iter()
        .for_each(|&d| shape.extend(bytes(1, &number(1, d as u64))));
    let tensor = [number(1, kind), bytes(2, &shape)].concat();
    let value = [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat();
    bytes(field, &value)
}

/// A model from `x` to `y`, of what stands between.
pub fn model(dims: &[i64], parts: &[Vec<u8>]) -> Vec<u8> {
    model_of(1, dims, parts)
}

/// The same for an input of another type.
pub fn model_of(kind: u64, dims: &[i64], parts: &[Vec<u8>]) -> Vec<u8> {
    let mut graph = parts.concat();
    graph.extend(bytes(2, b"g"));
    graph.extend(port(11, "x", dims, kind));
    graph.extend(port(12, "y", &[], 1));
    let opset = number(2, 17);
    [number(1, 8), bytes(8, &opset), bytes(7, &graph)].concat()
}
