//! Matrix files of OpenCV and NumPy, written by `tests/generate.py`, and of other hands.

use super::*;

/// `H` of `tests/generate.py`.
const H: [[f64; 3]; 3] = [
    [1.899_910_485_971_501_3, 0.558_203_788_798_706_1, -813.148_237_302_096_2],
    [0.408_586_451_599_238_5, 2.292_623_978_417_946, -633.286_300_731_507_9],
    [0.000_823_947_053_276_469_2, 0.001_323_695_523_917_759_2, 1.0],
];

/// Whether the matrix of a file is `expected`, with relative errors of at most `tolerance`.
fn assert_matrix(name: &str, bytes: &[u8], expected: [[f64; 3]; 3], tolerance: f64) {
    let file = parsed(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = file.homography.rows();
    for (found, expected) in found.concat().iter().zip(expected.concat()) {
        assert!(
            (found - expected).abs() <= tolerance * expected.abs(),
            "{name}: {found} {expected}"
        );
    }
}

const AFFINE: [[f64; 3]; 3] = [H[0], H[1], [0.0, 0.0, 1.0]];

#[test]
fn files_of_opencv_and_numpy_are_read() {
    macro_rules! files {
        ($($name:literal, $expected:expr, $tolerance:expr;)*) => {
            [$(($name, &include_bytes!(concat!("tests/", $name))[..], $expected, $tolerance)),*]
        };
    }
    for (name, bytes, expected, tolerance) in files![
        "flat9.json", H, 1e-15;
        "Hcv.json", H, 1e-15;
        "H.yml", H, 1e-15;
        "opencv.yml", H, 1e-15;
        "opencv.xml", H, 1e-15;
        "opencv.json", H, 1e-15;
        "affine.yml", AFFINE, 1e-15;
        "single.xml", H, 1e-7;
        "calibration.yml", H, 1e-15;
        "calibration.xml", H, 1e-15;
        "calibration.json", H, 1e-15;
        "numpy.txt", H, 1e-15;
        "numpy.csv", H, 1e-15;
        "double.npy", H, 0.0;
        "single.npy", H, 1e-7;
        "fortran.npy", AFFINE, 0.0;
        "printed.txt", H, 1e-8;
        "repr.txt", H, 1e-8;
    ] {
        assert_matrix(name, bytes, expected, tolerance);
    }
}

#[test]
fn matrices_of_other_hands_are_read() {
    let expected = [[2.0, 0.5, 3.0], [0.25, 4.0, -5.0], [0.0, 0.0, 1.0]];
    for text in [
        "[[2, 0.5, 3], [0.25, 4, -5], [0, 0, 1]]",
        "[[2, 0.5, 3], [0.25, 4, -5]]",
        "[2, 0.5, 3, 0.25, 4, -5, 0, 0, 1]",
        "[2, 0.5, 3, 0.25, 4, -5]",
        "[4, 1, 6, 0.5, 8, -10, 0, 0, 2]",
        "{\"H\": [[2, 0.5, 3], [0.25, 4, -5], [0, 0, 1]], \"inverse\": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}",
        "{\"rows\": 2, \"cols\": 3, \"data\": [2, 0.5, 3, 0.25, 4, -5]}",
        "{\"result\": {\"homography\": [2., 0.5, 3., 0.25, 4., -5., 0., 0., 1.]}}",
        "[2 0.5 3; 0.25 4 -5; 0 0 1]",
        "M = [2, 0.5, 3;\n 0.25, 4, -5]",
        "2 0.5 3\n0.25 4 -5\n0 0 1\n",
        "2;0.5;3\n0.25;4;-5\n0;0;1\n",
        "# affine\n2\t0.5\t3 # x\n\n0.25\t4\t-5\n",
        "# source (x, y) to target [u, v]\n2 0.5 3\n0.25 4 -5\n0 0 1\n",
        "2 0.5 3 0.25 4 -5 0 0 1",
        "2\n0.5\n3\n0.25\n4\n-5\n0\n0\n1\n",
        "%YAML:1.0\n---\nM: !!opencv-matrix\n   rows: 2\n   cols: 3\n   dt: f\n   data: [ 2., 0.5, 3., \
         0.25,\n       4., -5. ]\n",
        "camera_matrix:\n  rows: 2\n  cols: 3\n  data: [2, 0.5, 3, 0.25, 4, -5]\nname: a\n",
        "camera_matrix:\n  rows: 2\n  cols: 3\n  data:\n  - 2\n  - 0.5\n  - 3\n  - 0.25\n  - 4\n  - -5\n",
        "H: [[2, 0.5, 3], [0.25, 4, -5], [0, 0, 1]]\n",
        "H:\n  - [2, 0.5, 3]\n  - [0.25, 4, -5]\n  - [0, 0, 1]\n",
        "H:\n- - 2\n  - 0.5\n  - 3\n- - 0.25\n  - 4\n  - -5\nother: 3\n",
        "- [2, 0.5, 3]\n- [0.25, 4, -5]\n",
    ] {
        assert_matrix(text, text.as_bytes(), expected, 1e-15);
    }
}

#[test]
fn what_is_no_matrix_gets_one_message_that_names_what_is_read() {
    let base64 = [
        &include_bytes!("tests/base64.yml")[..],
        include_bytes!("tests/base64.xml"),
        include_bytes!("tests/base64.json"),
    ];
    let path = tempfile::tempdir().unwrap();
    let path = path.path().join("m");
    let message = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let message = read_matrix_file(&path).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{}: ", path.display())), "{message}");
        message
    };
    for bytes in base64 {
        assert!(message(bytes).contains("in base64"), "{}", message(bytes));
    }
    for (text, expected) in [
        ("[[1, 2], [3, 4]]", "it has 2 x 2 numbers"),
        ("[[1, 2, 3], [4, 5]]", "row 2 has 2 numbers, the first has 3"),
        ("[[1, 2, 3], [4, 5, null], [0, 0, 1]]", "`null` is not a finite number"),
        ("{}", "no matrix in it"),
        ("", "no matrix in it"),
        ("{\"a\": 3}", "no matrix in it"),
        ("{\"H\": [1, 2", "not valid JSON: EOF"),
        ("1 2 3\n4 5 six\n0 0 1", "`six` is not a finite number"),
        ("1 2 3\n4 5 inf\n0 0 1", "`inf` is not a finite number"),
        ("0.5\n0\n0\n-0.5\n100\n200\n", "as a world file"),
        ("1 2 3 4 5 6 7 8", "it has 1 x 8 numbers"),
        (include_str!("tests/two.yml"), "it has several matrices (A, B); name one of them H"),
        (
            "H: !!opencv-matrix\n  rows: 3\n  cols: 3\n  dt: d\n  data: [1, 2]",
            "it has 2 numbers for 3 x 3",
        ),
        ("H:\n  rows: 1\n  cols: 3\n  dt: 3d\n  data: [1, 2, 3]", "the type `3d`"),
        ("PK\u{3}\u{4}", "numpy.save"),
        ("<html>", "no matrix in it"),
        ("[[1. 2. 3.]\n ...\n [0. 0. 1.]]", "`...` stands for numbers left out"),
        (
            "{\"H\": [1,0,0,0,1,0,0,0,1], \"units_per_pixel\": 0}",
            "its `units_per_pixel` needs a number above 0",
        ),
        ("{\"H\": [1,0,0,0,1,0,0,0,1], \"y_axis\": 1}", "its `y_axis` needs to be \"up\""),
        (
            "{\"matrix\": [1,0,0,0,1,0,0,0,1], \"canvas\": {\"width\": 0, \"height\": 4, \"left\": 0, \"top\": 0}}",
            "its `canvas` needs whole numbers",
        ),
    ] {
        let message = message(text.as_bytes());
        for fact in [expected, "not a matrix: ", "FileStorage", "numpy.savetxt", ".npy", "2 x 3"] {
            assert!(message.contains(fact), "{text}: {fact}: {message}");
        }
    }
    let singular = message(b"1 2 3\n2 4 6\n0 0 1");
    assert!(singular.contains("cannot be applied: the matrix is singular"), "{singular}");
    assert!(!singular.contains("FileStorage"), "{singular}");
    std::fs::remove_file(&path).unwrap();
    assert!(read_matrix_file(&path).unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn what_is_written_is_read_to_the_last_bit() {
    let canvas = Some(Canvas { width: 420, height: 594, left: -3, top: 7 });
    let picture = Some(PictureSize { width: 1000, height: 800 });
    let homography = Homography::from_rows(H).unwrap();
    let target_unit = Some("m".to_owned());
    let frame = Frame { units_per_pixel: Some(0.25), is_up: true };
    let file = MatrixFile { homography, canvas, picture, target_unit, frame };
    let directory = tempfile::tempdir().unwrap();
    for name in ["m.json", "m.yml", "m.YAML", "m.xml", "m.txt", "m.npy"] {
        let path = directory.path().join(name);
        std::fs::write(&path, MatrixFormat::of(&path).unwrap().encode(&file).unwrap()).unwrap();
        let read = read_matrix_file(&path).unwrap();
        assert_eq!(read.homography, file.homography, "{name}");
        let is_json = name == "m.json";
        assert_eq!(
            (read.canvas, read.picture),
            (canvas.filter(|_| is_json), picture.filter(|_| is_json))
        );
        assert_eq!(read.frame, if is_json { frame } else { Frame::default() });
    }
    assert_eq!(MatrixFormat::of(Path::new("m.csv")), None);
    // A report whose canvas is that of the inverse.
    let report = "{\"matrix\": [1,0,0,0,1,0,0,0,1], \"inverted\": true, \"canvas\": {\"width\": 3, \
                  \"height\": 4, \"left\": 0, \"top\": 0}}";
    assert_eq!(parsed(report.as_bytes()).unwrap().canvas, None);
}
