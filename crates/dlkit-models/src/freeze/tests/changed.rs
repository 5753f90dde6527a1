//! Files that were changed after they were frozen.

use std::fs;

use prost::Message;

use super::{Case, load};
use crate::facts::{ClassifierInput, TaskFacts};
use crate::freeze::file::decode_model;
use crate::freeze::lower::lower;
use crate::freeze::metadata::{VERSION, checksum};
use crate::freeze::{FreezeError, FrozenNetwork, TOLERANCE, verify};
use crate::graph::onnx::{Entry, ModelProto, NodeProto, OperatorSet};
use crate::network::NetworkSpec;

/// What loading says of a file after a change, its path left out.
fn message(case: &Case, change: impl FnOnce(&mut ModelProto)) -> String {
    let mut model = decode_model(case.bytes().into()).unwrap();
    change(&mut model);
    let path = case.path.with_file_name("changed.onnx");
    fs::write(&path, model.encode_to_vec()).unwrap();
    load(&path).unwrap_err().replace(&path.display().to_string(), "FILE")
}

#[test]
fn a_file_holds_no_path_and_what_is_needed() {
    let case = Case::small();
    let text = String::from_utf8_lossy(&case.bytes()).into_owned();
    assert!(!text.contains("private"), "the path of the data");
    let frozen = case.frozen();
    assert_eq!(frozen.metadata().facts, case.metadata.facts);
    assert_eq!(frozen.metadata().network, case.metadata.network);
    assert!(frozen.metadata().differences(&case.metadata).is_empty());
    assert_eq!(frozen.outputs(), ["dense2", "probabilities"]);
}

#[test]
fn metadata_that_differ_are_named() {
    let case = Case::small();
    let mut other = case.metadata.clone();
    let TaskFacts::Classification { classes, input } = &mut other.facts else { panic!() };
    let ClassifierInput::Pictures(input) = input else { panic!() };
    classes[1] = "another".to_owned();
    input.invert = true;
    "0".clone_into(&mut other.version);
    assert_eq!(case.frozen().metadata().differences(&other), ["classes", "input"]);
}

#[test]
fn a_constant_beyond_single_precision_is_refused() {
    let recipe = "input = [2]\nlayers = [{ type = \"activation\", \
                  function = { kind = \"elu\", alpha = 1e300 } }]";
    let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
    assert_eq!(
        lower(&spec, false).unwrap_err().to_string(),
        "layer `activation1`: cannot be frozen: alpha 1e300 exceeds single precision"
    );
}

#[test]
fn another_graph_is_refused_by_name() {
    let case = Case::small();
    let graph = |change: fn(&mut Vec<NodeProto>)| {
        message(&case, |model| change(&mut model.graph.as_mut().unwrap().node))
    };
    assert_eq!(
        graph(|nodes| nodes[0].op_type = "Foo".to_owned()),
        "FILE: cannot be used: its node `conv1` is `Foo`; where this version of dlkit freezes \
         that network, there is `Conv` named `conv1`"
    );
    let other_input = graph(|nodes| nodes[1].input[0] = "input".to_owned());
    assert!(other_input.contains("`conv1.batch_norm` (`BatchNormalization`) has other inputs"));
    let other_attribute = graph(|nodes| nodes[1].attribute[0].f = Some(0.5));
    assert!(other_attribute.contains("outputs or attributes than"), "{other_attribute}");
    let fewer = graph(|nodes| drop(nodes.pop()));
    assert!(fewer.contains("it has 11 nodes; its network has 12"), "{fewer}");
    let twice = graph(|nodes| nodes.push(nodes[0].clone()));
    assert!(twice.contains("it has 13 nodes; its network has 12"), "{twice}");
}

#[test]
fn the_layer_of_a_changed_graph_is_known() {
    let case = Case::small();
    let layer = |change: fn(&mut crate::graph::onnx::GraphProto)| {
        let mut model = decode_model(case.bytes().into()).unwrap();
        change(model.graph.as_mut().unwrap());
        let path = case.path.with_file_name("changed.onnx");
        fs::write(&path, model.encode_to_vec()).unwrap();
        let Err(FreezeError::Mismatch { layer, .. }) = FrozenNetwork::load_changed(&path) else {
            panic!("loaded")
        };
        layer
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(layer(|graph| graph.node[1].op_type = "Foo".into()), named("conv1.batch_norm"));
    // One of the nodes a GELU is written as.
    let gelu = |graph: &mut crate::graph::onnx::GraphProto| {
        let node = graph.node.iter_mut().find(|node| node.op_type == "Erf").unwrap();
        node.op_type = "Tanh".into();
    };
    assert_eq!(layer(gelu), named("dense1.activation"));
    assert_eq!(layer(|graph| graph.node.truncate(2)), named("conv1.activation"));
    assert_eq!(layer(|graph| graph.initializer[7].dims[0] = 1), named("dense1"));
    assert_eq!(layer(|graph| graph.output[0].name = "other".into()), None);
}

#[test]
fn other_weights_constants_and_outputs_are_refused() {
    let case = Case::small();
    let initializer = |index: usize, change: fn(&mut crate::graph::onnx::TensorProto)| {
        message(&case, |model| change(&mut model.graph.as_mut().unwrap().initializer[index]))
    };
    let shorter = initializer(0, |tensor| tensor.raw_data = tensor.raw_data.slice(4..));
    assert!(shorter.contains("`conv1.weight` has 44 bytes; expected are 48"), "{shorter}");
    let empty = initializer(0, |tensor| tensor.raw_data.clear());
    assert!(empty.contains("`conv1.weight` has 0 bytes; expected are 48"), "{empty}");
    let missing = message(&case, |model| drop(model.graph.as_mut().unwrap().initializer.pop()));
    assert!(missing.contains("`dense2.bias` has 0 bytes; expected are 12"), "{missing}");
    let kind = initializer(0, |tensor| tensor.data_type = 11);
    assert!(kind.contains("`conv1.weight` float64 [3, 1, 2, 2] is in the place of"), "{kind}");
    let negative = initializer(0, |tensor| tensor.dims[0] = -3);
    assert!(negative.contains("[-3, 1, 2, 2]"), "{negative}");
    let huge = initializer(0, |tensor| tensor.dims = vec![i64::MAX; 4]);
    assert!(huge.contains("in the place of `conv1.weight` float32 [3, 1, 2, 2]"), "{huge}");
    let outside = initializer(0, |tensor| {
        tensor.external_data = vec![Entry { key: "location".into(), value: "weights".into() }];
    });
    assert!(
        outside.contains("`conv1.weight` float32 [3, 1, 2, 2] has other values, or stores them"),
        "{outside}"
    );
    let twice = initializer(1, |tensor| tensor.name = "conv1.weight".into());
    assert!(
        twice.contains("`conv1.weight` float32 [3] is in the place of `conv1.bias` float32"),
        "{twice}"
    );
    let constant = initializer(9, |tensor| tensor.raw_data = vec![0; 4].into());
    assert!(
        constant.contains("`dense1.activation/sqrt_two` float32 [] has other values"),
        "{constant}"
    );
    let output = message(&case, |model| {
        model.graph.as_mut().unwrap().output[0].name = "conv1".to_owned();
    });
    assert!(output.contains("outputs have other names, types or shapes"), "{output}");
    let operators = message(&case, |model| {
        model.opset_import.push(OperatorSet { domain: "other".into(), version: 1 });
    });
    assert!(operators.contains("something that dlkit never writes"), "{operators}");
}

#[test]
fn damaged_metadata_is_refused_by_its_key() {
    let case = Case::small();
    let set = |key: &'static str, value: &str| {
        let value = value.to_owned();
        message(&case, move |model| {
            let entries = &mut model.metadata_props;
            entries.iter_mut().find(|entry| entry.key == key).unwrap().value = value;
        })
    };
    assert!(set("dlkit.format", "2").contains("it has format 2, written by dlkit"));
    assert!(set("dlkit.classes", "[1").contains("its entry `dlkit.classes` is damaged"));
    assert!(set("dlkit.classes", "[\"a\"]").contains("contains 1 classes, but the network has 3"));
    let twice = set("dlkit.classes", r#"["a", "b", "a"]"#);
    assert!(twice.contains("its entry `dlkit.classes` contains `a` twice"), "{twice}");
    assert!(set("dlkit.input.deviation", "0.0").contains("deviation 0"));
    assert!(set("dlkit.network", "[network]\n").contains("its entry `dlkit.network` is damaged"));
    let long = " ".repeat(1 << 20);
    assert!(set("dlkit.network", &long).contains("`dlkit.network` is longer than 262144 bytes"));
    // The declared network is larger than memory; no tensor is made before the graph is compared.
    let huge = "[network]\ninput = [60000]\nlayers = [{ type = \"dense\", units = 30000 }]";
    assert!(
        set("dlkit.network", huge)
            .contains("contains 3 classes, but the network has 30000 outputs")
    );
    let missing = message(&case, |model| {
        model.metadata_props.retain(|entry| entry.key != "dlkit.loss");
    });
    assert!(missing.contains("its entry `dlkit.loss` is missing"), "{missing}");
    let twice = message(&case, |model| {
        model.metadata_props.push(Entry { key: "dlkit.loss".into(), value: "{}".into() });
    });
    assert!(twice.contains("its entry `dlkit.loss` occurs twice"), "{twice}");
    let foreign = message(&case, |model| model.metadata_props.clear());
    assert!(foreign.contains("not frozen by dlkit"), "{foreign}");
}

/// Changes entries of the metadata of a file, and makes its checksum anew.
fn rewrite(model: &mut ModelProto, change: impl FnOnce(&mut Vec<Entry>)) {
    change(&mut model.metadata_props);
    let initializers = &model.graph.as_ref().unwrap().initializer;
    let values: Vec<_> = initializers.iter().map(|tensor| tensor.raw_data.clone()).collect();
    let sha256 = checksum(&model.metadata_props, &values);
    entry(&mut model.metadata_props, "dlkit.sha256").value = sha256;
}

fn entry<'a>(entries: &'a mut [Entry], key: &str) -> &'a mut Entry {
    entries.iter_mut().find(|entry| entry.key == key).unwrap()
}

/// What files say to other programs of how pictures become input.
#[test]
fn a_file_that_says_nothing_of_preparation_is_read_and_one_that_says_otherwise_is_refused() {
    let case = Case::small();
    let loaded = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut model = decode_model(case.bytes().into()).unwrap();
        rewrite(&mut model, change);
        let path = case.path.with_file_name("other.onnx");
        fs::write(&path, model.encode_to_vec()).unwrap();
        load(&path)
    };
    let is_new = |key: &str| {
        let old = ["dlkit.input.mean", "dlkit.input.deviation", "dlkit.input.invert"];
        key == "dlkit.output" || key.starts_with("dlkit.input.") && !old.contains(&key)
    };
    let mut model = decode_model(case.bytes().into()).unwrap();
    let said =
        |key: &str, model: &mut ModelProto| entry(&mut model.metadata_props, key).value.clone();
    for (key, value) in [
        ("dlkit.input.shape", "[1,5,4]"),
        ("dlkit.input.channels", "[\"gray\"]"),
        ("dlkit.input.resize", "\"triangle\""),
        ("dlkit.input.gray", "[0.21264784,0.7151792,0.07217304]"),
        ("dlkit.output", "\"logits\""),
    ] {
        assert_eq!(said(key, &mut model), value);
    }
    let older = loaded(&|entries| entries.retain(|entry| !is_new(&entry.key)));
    assert_eq!(older.unwrap().metadata().facts, case.metadata.facts);
    let other =
        loaded(&|entries| entry(entries, "dlkit.input.resize").value = "\"bicubic\"".into());
    let message = other.unwrap_err();
    assert!(
        message.contains(
            "its entry `dlkit.input.resize` is \"bicubic\"; this version has \"triangle\""
        ),
        "{message}"
    );
}

/// As from a version that had no `bias` of dense layers yet, whose default it is today.
#[test]
fn a_file_whose_version_had_fewer_keys_is_read() {
    let case = Case::small();
    for version in [VERSION, "0.0.1"] {
        let mut model = decode_model(case.bytes().into()).unwrap();
        version.clone_into(&mut model.producer_version);
        rewrite(&mut model, |entries| {
            version.clone_into(&mut entry(entries, "dlkit.version").value);
            let network = &mut entry(entries, "dlkit.network").value;
            let fewer = network.replace("bias = true\n", "");
            assert!(fewer.len() < network.len(), "{network}");
            *network = fewer;
            entries.push(Entry { key: "author".to_owned(), value: "me".to_owned() });
        });
        let path = case.path.with_file_name("older.onnx");
        fs::write(&path, model.encode_to_vec()).unwrap();
        let frozen = FrozenNetwork::load(&path).unwrap();
        assert_eq!(frozen.metadata().network, case.metadata.network);
        assert!(verify(&case.network, &frozen, &case.inputs(2), true).unwrap().agrees(TOLERANCE));
        // Nothing may be added to it afterwards.
        let added = message(&case, |changed| {
            *changed = model.clone();
            changed.metadata_props.push(Entry { key: "a".to_owned(), value: String::new() });
        });
        assert!(added.contains("changed since it was frozen"), "{added}");
    }
}

#[test]
fn what_another_version_wrote_otherwise_is_no_mismatch_and_names_the_versions() {
    let case = Case::small();
    let loaded = |version: &str, change: fn(&mut ModelProto)| {
        let mut model = decode_model(case.bytes().into()).unwrap();
        version.clone_into(&mut model.producer_version);
        rewrite(&mut model, |entries| {
            version.clone_into(&mut entry(entries, "dlkit.version").value);
        });
        change(&mut model);
        let path = case.path.with_file_name("changed.onnx");
        fs::write(&path, model.encode_to_vec()).unwrap();
        FrozenNetwork::load_changed(&path).unwrap_err()
    };
    let graph = |model: &mut ModelProto| {
        model.graph.as_mut().unwrap().node[0].op_type = "Foo".to_owned();
    };
    let key = |model: &mut ModelProto| {
        let network = &mut entry(&mut model.metadata_props, "dlkit.network").value;
        *network = network.replace("bias = true\n", "bias = true\nbais = true\n");
    };
    let huge = |model: &mut ModelProto| {
        let network = &mut entry(&mut model.metadata_props, "dlkit.network").value;
        *network = network.replace("input = [1, 5, 4]", "input = [1, 50000, 40000]");
    };
    let note = format!("(frozen by dlkit 99.0.0, this is {VERSION})");
    let changes: [fn(&mut ModelProto); 3] = [graph, key, huge];
    for (change, is_readable) in changes.into_iter().zip([true, false, false]) {
        let other = loaded("99.0.0", change);
        assert!(matches!(other, FreezeError::Unusable { .. }), "{other:?}");
        assert!(other.to_string().ends_with(&note), "{other}");
        let same = loaded(VERSION, change);
        assert_eq!(matches!(same, FreezeError::Mismatch { .. }), is_readable, "{same:?}");
        assert!(!same.to_string().contains("frozen by dlkit"), "{same}");
    }
}

#[test]
fn undefined_weights_are_named_though_a_runtime_hides_them() {
    let case = Case::new("[2]", r#"{ type = "dense", units = 3, activation = "relu" }"#, false);
    let mut model = decode_model(case.bytes().into()).unwrap();
    let tensor = &mut model.graph.as_mut().unwrap().initializer[1];
    assert_eq!(tensor.name, "dense1.bias");
    tensor.raw_data = [f32::NAN, 0.0, 0.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(&case.path, model.encode_to_vec()).unwrap();
    let frozen = FrozenNetwork::load_changed(&case.path).unwrap();
    let verification = verify(&case.network, &frozen, &case.inputs(4), true).unwrap();
    assert_eq!(verification.undefined_weights, ["dense1.bias"]);
    // Even of two networks that are the same.
    let same = frozen.network(&case.inputs(1).device()).unwrap();
    let verification = verify(&same, &frozen, &case.inputs(4), false).unwrap();
    assert!(verification.weights.is_empty() && !verification.agrees(f64::INFINITY));
}

#[test]
fn a_tampered_weight_is_refused_and_its_layer_named() {
    let case = Case::small();
    let mut model = decode_model(case.bytes().into()).unwrap();
    let tensor = &mut model.graph.as_mut().unwrap().initializer[7];
    assert_eq!(tensor.name, "dense1.weight");
    let mut raw = tensor.raw_data.to_vec();
    raw[5] ^= 0x40;
    tensor.raw_data = raw.into();
    fs::write(&case.path, model.encode_to_vec()).unwrap();
    let message = load(&case.path).unwrap_err();
    assert!(message.contains("changed since it was frozen"), "{message}");
    let frozen = FrozenNetwork::load_changed(&case.path).unwrap();
    let verification = verify(&case.network, &frozen, &case.inputs(4), true).unwrap();
    assert_eq!(verification.weights, ["dense1.weight"]);
    assert_eq!(verification.first_different_layer(TOLERANCE), Some("dense1"));
    assert!(!verification.agrees(f64::INFINITY));
}

#[test]
fn another_network_is_told_by_its_first_different_layer() {
    let case = Case::new("[4]", r#"{ type = "dense", units = 3, activation = "elu" }"#, false);
    let other = Case::new("[4]", r#"{ type = "dense", units = 3, activation = "relu" }"#, false);
    let verification = verify(&case.network, &other.frozen(), &case.inputs(2), false).unwrap();
    assert_eq!(verification.structure.as_deref(), Some("dense1.activation"));
    assert!(!verification.agrees(1.0));
}

#[test]
fn values_that_are_not_finite_never_agree() {
    let case = Case::new("[1]", r#"{ type = "dense", units = 1, bias = false }"#, false);
    let inputs = case.inputs(1) * f32::NAN;
    let verification = verify(&case.network, &case.frozen(), &inputs, false).unwrap();
    assert!(!verification.agrees(f64::INFINITY), "{verification:?}");
}
