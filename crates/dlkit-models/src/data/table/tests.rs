//! Tables as people have them: each is read rightly, or one message names the cure.

use std::path::Path;

use super::*;

fn opened(bytes: &[u8]) -> Result<TableFile, String> {
    TableFile::of_bytes(Path::new("FILE"), bytes.to_vec(), FormatConfig::default())
        .map_err(|error| error.to_string())
}

/// The numbers of the columns `a` and `b`, row by row, or what is wrong.
fn read(text: &str) -> Result<Vec<f64>, String> {
    let file = opened(text.as_bytes())?;
    let number = Cells::Number;
    let wanted = ["a", "b"].map(|name| Wanted { name, cells: &number, optional: false });
    let coded = file.code(&wanted).map_err(|error| error.to_string())?;
    let whole = coded.whole(&file).map_err(|error| error.to_string())?;
    Ok(whole.0)
}

#[test]
fn tables_written_in_many_ways_are_read() {
    let texts = [
        "a,b\n1,2.5\n3,4\n",
        "a,b\r\n1,2.5\r\n3,4\r\n",
        "\u{feff}a,b\n1,2.5\n3,4",
        "b,a\n2.5,1\n4,3\n",
        "\"a\",\"b\"\n\"1\",\"2.5\"\n\"3\",\"4\"\n",
        " a , b \n 1 , 2.5 \n 3 , 4 \n",
        "a,b\n\n1,2.5\n\n\n3,4\n\n",
        "a,b\n1,2.5\n3,4\n,\n,\n",
        "a,b,\n1,2.5,\n3,4,\n",
        "a,b,c\n1,2.5,\"x, y\"\n3,4,\"two\nlines\"\n",
        "a,b,c\n1,2.5,\"he said \"\"no\"\"\"\n3,4,\n",
        "a;b\n1;2,5\n3;4\n",
        "a;b\n1;2.5\n3;4\n",
        "sep=;\na;b\n1;2,5\n3;4\n",
        "a\tb\n1\t2.5\n3\t4\n",
        "a\tb\n1\t2,5\n3\t4\n",
        "a|b\n1|2.5\n3|4\n",
        ",a,b\n0,1,2.5\n1,3,4\n",
        "a,b\n+1,2.5e0\n3.0,4.\n",
        "name;a;b\nx,y;1;2,5\nz;3;4,0\n",
    ];
    for text in texts {
        assert_eq!(read(text), Ok(vec![1.0, 2.5, 3.0, 4.0]), "{text}");
    }
    assert_eq!(read("a;b\n1.000;2.500,5\n3;4,25\n"), Ok(vec![1000.0, 2500.5, 3.0, 4.25]));
    assert_eq!(read("a,b\n\"1,000\",\"2,500.5\"\n3,4\n"), Ok(vec![1000.0, 2500.5, 3.0, 4.0]));
    assert_eq!(read("a;b\n1 000;2,5\n3;4\n"), Ok(vec![1000.0, 2.5, 3.0, 4.0]));
}

#[test]
fn what_cannot_be_read_names_the_cure() {
    let tables = [
        ("", "empty; its first line must name the columns"),
        ("a,b\n", "no rows below the line of names"),
        ("1,2\n3,4\n", "only numbers (1, 2); add a line of names, such as x1,x2"),
        (",\n1,2\n", "which must name the columns, is empty"),
        ("a,c\n1,2\n", "no column `b`; its columns are a, c"),
        ("a,B\n1,2\n", "did you mean `B`?"),
        ("a,b,b\n1,2,3\n", "the column `b` occurs twice; rename one"),
        ("a,b\n1\n", "line 2: 1 cells, but the first line names 2 columns"),
        ("a,b\n1,2,3\n", "line 2: 3 cells, but the first line names 2 columns"),
        (
            "a,b\n1,\n",
            "line 2, column `b`: the cell is empty; fill the cells in, or set data.missing",
        ),
        ("a,b\n1,NA\n", "column `b`: \"NA\" is missing"),
        ("a,b\nm,kg\n1,2\n3,4\n", "line 2, column `a`: \"m\" is not a finite number"),
        ("a,b\n1,2\na,b\n3,4\n", "line 3, column `a`: \"a\" is not a finite number"),
        ("a,b\n1,2\nTotal,6\n", "\"Total\" is not a finite number; correct or remove the row"),
        ("a,b\n1,inf\n", "\"inf\" is not a finite number"),
        ("a;b\n1,234;5\n", "\"1,234\" may be a decimal number or have a thousands separator"),
        ("a,b\n1,2\0\n", "not a text file: it contains zero bytes"),
        ("a,b\n1,$2\n", "line 2, column `b`: \"$2\" is not a finite number"),
    ];
    for (text, reason) in tables {
        let message = read(text).unwrap_err();
        assert!(message.starts_with("FILE: ") && message.contains(reason), "{text}: {message}");
    }
}

#[test]
fn all_bad_cells_are_named_at_once() {
    let rows = (0..30).map(|row| format!("x{row},\n")).collect::<Vec<_>>().concat();
    let message = read(&format!("a,b\n{rows}")).unwrap_err();
    assert!(message.starts_with("FILE: 60 cells cannot be used; correct or remove the rows:\n"));
    assert_eq!(message.lines().count(), 22);
    assert!(message.ends_with("and 40 more"), "{message}");
}

#[test]
fn columns_are_surveyed() {
    let file =
        opened(b"n,d,t,b,e\n1,2024-01-01,x,yes,\n2.5,2024-02-01,y,no,NA\n,,x,yes,?\n").unwrap();
    let surveys = file.survey().unwrap();
    let kinds: Vec<Kind> = surveys.iter().map(|survey| survey.kind).collect();
    assert_eq!(kinds, [Kind::Number, Kind::Date, Kind::Text, Kind::Boolean, Kind::Empty]);
    assert_eq!(
        (surveys[0].range, surveys[0].whole, surveys[0].missing),
        (Some((1.0, 2.5)), false, 1)
    );
    assert_eq!(surveys[2].distinct, Some(vec![("x".to_owned(), 2), ("y".to_owned(), 1)]));
    assert_eq!(surveys[4].missing, 3);
}
