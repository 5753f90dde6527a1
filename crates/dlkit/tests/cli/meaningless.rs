//! Options that mean nothing in a call are refused, with the reason.

use crate::setting::Setting;

/// Options that mean nothing where they are, and what is said.
const MEANINGLESS: [(&str, &str); 59] = [
    ("predict numbers table.csv --top 2", "--top is for networks that name classes"),
    ("predict numbers table.csv --invert", "--invert is for networks that take pictures"),
    ("predict run 1.png --decimal ,", "--decimal is for networks that take tables"),
    ("predict run 1.png --classes names.txt", "run is dlkit's, which knows its classes"),
    ("predict run.onnx 1.png --classes names.txt", "is dlkit's, which knows its classes"),
    ("predict run 1.png --mean 0.5", "--classes <FILE>"),
    ("freeze numbers --output n.onnx --logits", "--logits leaves out the softmax of a classifier"),
    ("predict run 1.png --force", "--force overwrites the file of --output"),
    ("evaluate run --decimal ,", "--decimal is for a table given with --data"),
    ("data verify digits --separator ;", "--separator is for tables"),
    ("new table.csv --force", "--force overwrites the file of --output"),
    ("new digits --target y", "its classes are its folders"),
    ("data show --config r.toml --augmented --output s.png", "has no table [data.augmentation]"),
    ("data show --config table.toml --output s.png", "draws pictures of classes"),
    (
        "data show digits --config r.toml --set data.path=digits --output s.png",
        "both name the data",
    ),
    ("predict run.onnx 1.png --checkpoint best", "--checkpoint"),
    ("colorize 1.png --checkpoint last", "--checkpoint"),
    ("colorize 1.png --model run.onnx --checkpoint last", "--checkpoint"),
    ("colorize --palette p.svg --tile 64", "cannot be used with"),
    ("inspect run --format svg --json", "--format is for text"),
    ("inspect run --format svg --weights dense1", "cannot be used with"),
    ("inspect run --checkpoint last", "--checkpoint is for --weights"),
    ("inspect run --output weights", "--output is for --weights"),
    ("inspect run --set seed=1", "--set changes recipes"),
    ("inspect run.onnx --set seed=1", "--set changes recipes"),
    ("trace r.toml --input 1.png --checkpoint last", "--checkpoint"),
    ("trace run --input 1.png --own-scale", "--output"),
    ("evaluate numbers --data bad.csv --split train", "a table without parts"),
    ("evaluate run.onnx --data digits --split validation", "--split validation"),
    ("train --resume run --set seed=1", "cannot be used with"),
    ("train r.toml --config r.toml", "cannot be used with"),
    ("train r.toml --dashboard --json", "--dashboard draws on the terminal"),
    ("train r.toml --data digits --set data.path=digits", "both name the data"),
    ("activations softmax 1 2 --output curves", "softmax has no figure"),
    ("homography 1.png --matrix m.json --overlay o.png", "--overlay draws points"),
    (
        "homography 1.png --corners 1,1,9,1,9,9,1,9 --overlay o.png --canvas fit",
        "--canvas is for warping",
    ),
    ("homography --matrix m.json --force", "--force overwrites files"),
    ("homography --matrix m.json --method ransac", "--method is for"),
    ("homography --matrix m.json --output o.png", "--output is for a picture or for --map"),
    ("homography 1.png --matrix m.json --map 1,2", "--map maps points, not the picture"),
    ("homography --matrix m.json --map 1,2 --output o.png", "ends in .csv, .txt or .json"),
    ("homography 1.png --matrix m.json --output o.png --skip-existing", "is for many pictures"),
    ("homography 1.png 2.png --matrix m.json", "need --output DIR"),
    ("homography 1.png 2.png --matrix m.json --output o --forward f.png", "--forward is for one"),
    ("homography --points 0,0,0,0 --matrix m.json", "use --save-matrix FILE"),
    ("homography --matrix m.json --noise 1", "--noise is for"),
    ("homography 1.png --matrix m.json --output o.png --target-unit m", "--target-unit is for"),
    ("homography 1.png --onto 1.png --output o.png --scale 2", "--scale is for"),
    ("eigenfaces recognize faces.safetensors 1.png --mean-distance --json", "is for text"),
    ("eigenfaces fit faces --output f.safetensors --no-figures --figures f", "cannot be used with"),
    ("eigenfaces fit people --method fisherfaces --whiten --output f.safetensors", "--whiten"),
    ("eigenfaces evaluate people --compare --whiten", "cannot be used with"),
    ("eigenfaces locate faces.safetensors 1.png --force", "--force overwrites"),
    ("eigenfaces recognize faces.safetensors 1.png --align --strict", "cannot be used with"),
    ("eigenfaces recognize faces.safetensors 1.png --align --eyes e.csv", "cannot be used with"),
    ("eigenfaces fit faces --eyes e.csv --strict --output f.safetensors", "cannot be used with"),
    ("eigenfaces reconstruct faces.safetensors 1.png --eyes e.csv", "fitted without --eyes"),
    ("weights plot run.onnx --output w.svg --checkpoint last", "--checkpoint"),
    ("config init --force", "--force overwrites FILE"),
];

#[test]
fn options_that_mean_nothing_are_refused() {
    let setting = Setting::doors();
    for (line, expected) in MEANINGLESS {
        let answer = setting.dlkit(line);
        assert_eq!(answer.code, Some(2), "{line}: {answer:#?}");
        assert!(answer.stderr.contains(expected), "{line}: {answer:#?}");
    }
    for line in [
        "activations relu",
        "activations softmax 1 2",
        "compare run other",
        "diagnose run",
        "trace run --input 1.png",
        "inspect run",
        "inspect run --weights dense1",
        "evaluate run",
        "evaluate run.onnx --data digits",
        "crossval table.toml --set-grid seed=1",
        "eigenfaces reconstruct faces.safetensors faces",
        "eigenfaces evaluate people --folds 2",
    ] {
        let message = setting.dlkit(&format!("{line} --force")).refused();
        assert!(message.contains("--force overwrites the files of --output"), "{line}: {message}");
    }
}
