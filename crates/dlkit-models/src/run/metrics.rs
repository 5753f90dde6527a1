//! The figures of each epoch, as JSON lines and CSV.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::RunError;
use crate::training::EpochRecord;
use dlkit_files::regular::{LARGEST_TABLE, read_regular_text};
use dlkit_files::staged::write_atomically;

pub(super) const JSON_LINES: &str = "metrics.jsonl";
pub(super) const CSV: &str = "metrics.csv";

/// `metrics.jsonl` and `metrics.csv` of a run.
#[derive(Clone, Debug)]
pub(crate) struct MetricFiles {
    json_lines: PathBuf,
    csv: PathBuf,
}

impl MetricFiles {
    pub(crate) fn new(run: &Path) -> Self {
        Self { json_lines: run.join(JSON_LINES), csv: run.join(CSV) }
    }

    /// Adds an epoch to both files and makes it durable.
    pub(crate) fn append(&self, record: &EpochRecord) -> Result<(), RunError> {
        append(&self.json_lines, &json_line(record)?)?;
        let header = if self.csv.exists() { String::new() } else { csv_header(record) };
        append(&self.csv, &(header + &csv_row(record)))
    }

    /// The recorded epochs; a last line cut short by a crash is left out.
    pub(crate) fn read(&self) -> Result<Vec<EpochRecord>, RunError> {
        if !self.json_lines.exists() {
            return Ok(Vec::new());
        }
        let text = read_regular_text(&self.json_lines, LARGEST_TABLE)
            .map_err(RunError::unread(&self.json_lines))?;
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let damaged = |(index, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|error| RunError::Damaged {
                path: self.json_lines.clone(),
                reason: format!("line {} is damaged: {error}", index + 1),
            })
        };
        whole.lines().enumerate().map(damaged).collect()
    }

    /// Forgets every epoch after `epoch`: they will be trained again.
    pub(crate) fn truncate(&self, epoch: usize) -> Result<(), RunError> {
        let mut records = self.read()?;
        records.retain(|record| record.epoch <= epoch);
        let lines = records.iter().map(json_line).collect::<Result<String, _>>()?;
        let rows: String = records.iter().map(csv_row).collect();
        let table = records.first().map(csv_header).unwrap_or_default() + &rows;
        write(&self.json_lines, &lines)?;
        if table.is_empty() && self.csv.exists() {
            return fs::remove_file(&self.csv).map_err(RunError::io("remove", &self.csv));
        }
        if table.is_empty() { Ok(()) } else { write(&self.csv, &table) }
    }
}

fn json_line(record: &EpochRecord) -> Result<String, RunError> {
    let mut line = serde_json::to_string(record)
        .map_err(|error| RunError::io("write", "metrics.jsonl")(error.into()))?;
    line.push('\n');
    Ok(line)
}

fn csv_header(record: &EpochRecord) -> String {
    let fixed = "epoch,step,learning_rate,seconds,samples_per_second".to_owned();
    record.metrics.keys().fold(fixed, |line, name| line + "," + name) + "\n"
}

fn csv_row(record: &EpochRecord) -> String {
    let EpochRecord { epoch, step, learning_rate, seconds, samples_per_second, .. } = record;
    let fixed = format!("{epoch},{step},{learning_rate},{seconds},{samples_per_second}");
    let values = record.metrics.values().map(f64::to_string);
    values.fold(fixed, |line, value| line + "," + &value) + "\n"
}

fn append(path: &Path, text: &str) -> Result<(), RunError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_data()
        })
        .map_err(RunError::io("write", path))
}

fn write(path: &Path, text: &str) -> Result<(), RunError> {
    write_atomically(path, text.as_bytes()).map_err(RunError::io("write", path))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn record(epoch: usize) -> EpochRecord {
        EpochRecord {
            epoch,
            step: epoch * 10,
            learning_rate: 0.5,
            seconds: 2.0,
            samples_per_second: 100.0,
            metrics: BTreeMap::from([("train_loss".to_owned(), 0.25)]),
        }
    }

    #[test]
    fn an_undefined_figure_is_null() {
        let mut record = record(1);
        record.metrics.insert("gradient_norm.dense1".to_owned(), f64::INFINITY);
        let line = json_line(&record).unwrap();
        assert!(line.contains("\"gradient_norm.dense1\":null,\"train_loss\":0.25"), "{line}");
        let read: EpochRecord = serde_json::from_str(&line).unwrap();
        assert!(read.metrics["gradient_norm.dense1"].is_nan());
        assert_eq!(read.metrics["train_loss"].to_bits(), 0.25_f64.to_bits());
    }

    #[test]
    fn a_line_cut_short_is_left_out_and_rewritten() {
        let directory = tempfile::tempdir().unwrap();
        let files = MetricFiles::new(directory.path());
        for epoch in 1..=3 {
            files.append(&record(epoch)).unwrap();
        }
        append(&files.json_lines, "{\"epoch\":4,\"st").unwrap();
        assert_eq!(files.read().unwrap().len(), 3);
        files.truncate(2).unwrap();
        assert_eq!(files.read().unwrap(), [record(1), record(2)]);
        let csv = fs::read_to_string(&files.csv).unwrap();
        assert_eq!(
            csv,
            "epoch,step,learning_rate,seconds,samples_per_second,train_loss\n\
             1,10,0.5,2,100,0.25\n2,20,0.5,2,100,0.25\n"
        );
        fs::write(&files.json_lines, "{\"epoch\":1,\n{}\n").unwrap();
        let message = files.read().unwrap_err().to_string();
        assert!(message.contains("metrics.jsonl: line 1 is damaged"), "{message}");
        fs::write(&files.json_lines, "").unwrap();
        files.truncate(0).unwrap();
        assert!(files.read().unwrap().is_empty() && !files.csv.exists());
    }
}
