//! Networks and functions looked at.

use crate::setting::{Answer, Setting, repository};

#[test]
fn the_reference_network_has_the_published_figures() {
    let setting = Setting::new();
    let recipe = repository().join("configs/mnist/cnn.toml");
    let text = setting.dlkit(&format!("inspect {}", recipe.display())).done().stdout;
    let row = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    for (name, parameters, output) in [
        ("conv1", " 320 ", "[32, 26, 26]"),
        ("conv2", " 18,496 ", "[64, 24, 24]"),
        ("max_pool1", " 0 ", "[64, 12, 12]"),
        ("flatten1", " 0 ", "[9216]"),
        ("dense1", " 1,179,776 ", "[128]"),
        ("dense2", " 1,290 ", "[10]"),
    ] {
        let row = row(name);
        assert!(row.contains(parameters) && row.contains(output), "{row}");
    }
    assert!(row("parameters: ").contains("1,199,882 trainable, 0 not (4,799,528 bytes)"), "{text}");

    let json = setting.dlkit(&format!("inspect {} --json", recipe.display())).json();
    assert_eq!(json["trainable_parameters"], 1_199_882);
    assert_eq!(json["layers"][0]["receptive_field"], serde_json::json!([3, 3]));
    for (format, start) in
        [("svg", "<svg xmlns"), ("dot", "digraph network {"), ("markdown", "| layer | type |")]
    {
        let text = setting.dlkit(&format!("inspect {} --format {format}", recipe.display())).done();
        assert!(text.stdout.starts_with(start), "{text:#?}");
    }
}

#[test]
fn layers_that_do_not_fit_are_shown_up_to_the_failing_one() {
    let setting = Setting::new();
    setting.write_recipe(
        "r.toml",
        "layers = [{ type = \"conv2d\", filters = 4, kernel = 3 }, { type = \"dense\", units = 10 }]",
        "",
    );
    let answer = setting.dlkit("inspect r.toml");
    assert_eq!(answer.code, Some(2), "{answer:#?}");
    assert!(answer.stdout.contains("conv1"), "{answer:#?}");
    assert!(answer.stdout.contains("[4, 26, 26]"), "{answer:#?}");
    assert!(answer.stderr.contains("layer `dense1`"), "{answer:#?}");
    assert!(answer.stderr.contains("receives [4, 26, 26]"), "{answer:#?}");
    assert!(answer.stdout.contains("only the layers before the first that does not fit"));
    assert!(!answer.stdout.contains("parameters: "), "{answer:#?}");

    let answer = setting.dlkit("inspect r.toml --json");
    assert_eq!(answer.code, Some(2), "{answer:#?}");
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(json["layers"].as_array().unwrap().len(), 1);
    assert_eq!(json["layers"][0]["name"], "conv1");
    assert_eq!(json["came"], serde_json::json!([4, 26, 26]));
    assert!(json["error"].as_str().unwrap().contains("layer `dense1`"), "{json}");
    assert!(json["total"].is_null() && json["trainable_parameters"].is_null(), "{json}");
}

#[test]
fn softmax_of_given_numbers() {
    let setting = Setting::new();
    let text = setting.dlkit("activations softmax 3 0.7 0.5").done().stdout;
    for share in ["0.8457", "0.0847", "0.0694"] {
        assert!(text.contains(share), "{text}");
    }
    let json = setting.dlkit("activations softmax 1000 -1000 --json").json();
    assert_eq!(json["softmax"], serde_json::json!([1.0, 0.0]));
}

#[test]
fn functions_are_tabulated_and_drawn() {
    let setting = Setting::new();
    let text = setting.dlkit("activations leaky-relu -2 0.5").done().stdout;
    assert!(text.contains(" -2  -0.020000  0.010000"), "{text}");
    let all = setting.dlkit("activations --json --output figures").json();
    assert_eq!(all["functions"].as_array().unwrap().len(), 13);
    for name in ["relu", "rrelu-framework", "rrelu-paper", "rrelu-post", "all-functions"] {
        assert!(setting.path(&format!("figures/{name}.png")).is_file(), "{name}");
    }
    let message = setting.dlkit("activations ReLU").refused();
    assert!(message.contains("unknown \"ReLU\", did you mean `relu`? Allowed: none"), "{message}");
    assert_eq!(message.matches("softplus").count(), 1, "{message}");
}

#[test]
fn functions_are_left_out_or_several() {
    let setting = Setting::new();
    let functions = |line: &str| {
        let json = setting.dlkit(line).json();
        let functions = json["functions"].as_array().unwrap();
        let points = functions.iter().map(|function| {
            let points = function["points"].as_array().unwrap();
            points.iter().map(|point| point["x"].as_f64().unwrap()).collect::<Vec<_>>()
        });
        points.collect::<Vec<_>>()
    };
    assert_eq!(functions("activations -1 0 1 --json"), vec![vec![-1.0, 0.0, 1.0]; 13]);
    assert_eq!(functions("activations relu elu -1e308 --json"), vec![vec![-1e308]; 2]);
    let slopes = ["0.1", "0.3"].map(|slope| format!("{{kind=\"leaky-relu\",slope={slope}}}"));
    let answer = setting.dlkit(&format!("activations {} --output figures", slopes.join(" ")));
    answer.done();
    for name in ["leaky-relu-slope-0.1", "leaky-relu-slope-0.3"] {
        assert!(setting.path(&format!("figures/{name}.png")).is_file(), "{name}");
    }
    for (line, reason) in [
        ("activations 1 relu", "relu: not a number"),
        ("activations relu softmax 1", "give softmax alone"),
        ("activations 1 inf", "inf: not finite"),
    ] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn a_colorizer_is_traced_on_the_lightness_of_a_picture() {
    let setting = Setting::new();
    let root = repository();
    let photo = root.join("datasets/photos/train/chelsea.jpg");
    for network in ["configs/colorizer/eight-layer.toml", "models/colorizer.onnx"] {
        let network = root.join(network);
        let line = format!("trace {} --input {} --json", network.display(), photo.display());
        let input = &setting.dlkit(&line).json()["layers"][0];
        assert_eq!(input["shape"].as_array().unwrap()[..2], [1, 1], "{input}");
        let [least, most] = ["minimum", "maximum"].map(|name| input[name].as_f64().unwrap());
        // The range of (L - 50) / 50, of a cat that is neither black nor white all over.
        assert!((-1.0..0.0).contains(&least) && (least + 0.2..1.0).contains(&most), "{input}");
    }
}

#[test]
fn a_trace_in_the_train_phase_warns_of_few_inputs() {
    let setting = Setting::new();
    setting.write_recipe(
        "r.toml",
        "activation = \"relu\"\nbatch_norm = true\nlayers = [{ type = \"flatten\" }, \
         { type = \"dense\", units = 4 }, { type = \"dense\", units = 10 }]",
        "",
    );
    let digits = repository().join("datasets/digits");
    let warned = |input: &str, more: &str| {
        let line = format!("trace r.toml --input {}{input} {more}", digits.display());
        setting.dlkit(&line).done().stderr
    };
    let one = warned("/digit-7-test-0.png", "--phase train");
    assert!(one.contains("dense1.batch_norm"), "{one}");
    let ten = warned("", "--compare train");
    assert!(ten.contains("10 inputs"), "{ten}");
    assert_eq!(warned("", ""), "");
    for phase in ["test", "train"] {
        let line = format!("trace r.toml --input {} --phase {phase}", digits.display());
        let message = setting.dlkit(&format!("{line} --compare {phase}")).refused();
        assert!(message.contains(&format!("compares the {phase} phase with itself")), "{message}");
    }
}

#[test]
fn a_trace_shows_and_writes_the_value_after_every_layer() {
    let setting = Setting::new();
    setting.write_recipe(
        "r.toml",
        "activation = \"relu\"\nbatch_norm = true\nlayers = [{ type = \"conv2d\", filters = 4, \
         kernel = 3 }, { type = \"dropout\", rate = 0.5 }, { type = \"flatten\" }, \
         { type = \"dense\", units = 10 }]",
        "",
    );
    setting.dlkit("train --config r.toml --output run").done();
    let digits = repository().join("datasets/digits");
    let line = format!("trace run --input {} --output values", digits.display());
    let text = setting.dlkit(&line).done().stdout;
    assert!(text.starts_with("test phase: running statistics, no dropout; 10 inputs"), "{text}");
    let names = ["input", "conv1", "conv1.batch_norm", "conv1.activation", "dropout1", "flatten1"];
    for name in names {
        assert!(text.lines().any(|line| line.starts_with(&format!("{name} "))), "{text}");
        assert!(setting.path(&format!("values/{name}.png")).is_file(), "{name}");
    }
    // Ten times four maps of 26x26 in single precision, after a header of 128 bytes.
    let bytes = std::fs::read(setting.path("values/conv1.npy")).unwrap();
    assert_eq!(bytes.len(), 128 + 4 * 10 * 4 * 26 * 26);

    let json = setting
        .dlkit(&format!("trace run --input {} --compare train --json", digits.display()))
        .json();
    let difference = |index: usize| json["layers"][index]["largest_difference"].as_f64().unwrap();
    // Before batch normalization the phases agree, after it they do not.
    assert!(difference(1) < 1e-6 && difference(2) > 1e-3, "{json}");
    let zeros = |phase: &str| {
        let line = format!("trace run --input {} --phase {phase} --json", digits.display());
        let json = setting.dlkit(&line).json();
        let share = |index: usize| json["layers"][index]["zeros"].as_f64().unwrap();
        share(4) - share(3)
    };
    assert!(zeros("test").abs() < 1e-12 && zeros("train") > 0.1);

    // What was written is read: the input of one trace is that of the next.
    let again = setting.dlkit("trace run --input values/input.npy").done().stdout;
    assert_eq!(again.lines().nth(3), text.lines().nth(3));
    assert_eq!(again.lines().next(), text.lines().next());
    let message = setting.dlkit("trace run --input values/conv1.npy").refused();
    assert!(message.contains("[10, 4, 26, 26]"));
    let message = setting.dlkit("trace run --input values/input.npy --set seed=1").refused();
    assert!(message.contains("--set changes recipes"), "{message}");

    let message =
        setting.dlkit(&format!("trace run --input {} --layer conv9", digits.display())).refused();
    assert!(message.contains("--layer conv9: no such layer; choose from input, conv1"));
}

#[test]
fn weights_of_a_layer_are_shown_and_written() {
    let setting = Setting::new();
    let recipe = repository().join("configs/mnist/mlp.toml");
    let line = format!("inspect {} --weights dense1 --output weights --json", recipe.display());
    let json = setting.dlkit(&line).json();
    let weights = json["weights"].as_array().unwrap();
    let names: Vec<&str> = weights.iter().map(|weight| weight["name"].as_str().unwrap()).collect();
    assert_eq!(
        names[..4],
        ["dense1.weight", "dense1.bias", "dense1.batch_norm.gamma", "dense1.batch_norm.beta"]
    );
    // Xavier's bound is sqrt(6 / (784 + 1024)), its deviation the bound over sqrt(3).
    let deviation = weights[0]["deviation"].as_f64().unwrap();
    assert!((deviation - 0.033_26).abs() < 1e-4, "{deviation}");
    assert_eq!(weights[1]["zeros"], 1.0);
    let bytes = std::fs::read(setting.path("weights/dense1.weight.npy")).unwrap();
    assert_eq!(bytes.len(), 128 + 4 * 784 * 1024);
    assert!(setting.path("weights/dense1.weight.png").is_file());
    let message =
        setting.dlkit(&format!("inspect {} --weights flatten1", recipe.display())).refused();
    assert!(message.contains("choose from dense1.weight, dense1.bias"), "{message}");
    let answer = setting.command(&["inspect", recipe.to_str().unwrap(), "--weights", ""]).output();
    let message = Answer::from(answer.unwrap()).refused();
    assert!(message.contains("--weights \"\": no layer"), "{message}");
}
