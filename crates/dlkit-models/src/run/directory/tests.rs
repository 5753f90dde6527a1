use std::collections::BTreeMap;

use burn::tensor::Device;

use super::super::checkpoint::{load, save};
use super::super::fixture::{experiment, info};
use super::*;
use crate::network::Network;
use crate::training::{Ledger, TrainingState, write_start};

fn record(epoch: usize) -> EpochRecord {
    EpochRecord {
        epoch,
        step: 10 * epoch,
        learning_rate: 0.5,
        seconds: 2.0,
        samples_per_second: 100.0,
        metrics: BTreeMap::from([("train_loss".to_owned(), 0.25)]),
    }
}

/// A run with the checkpoint of epoch 0.
fn started(path: &Path) -> RunDirectory {
    let experiment = experiment(1, "");
    let run = RunDirectory::create(path, &experiment, &info()).unwrap();
    let network = Network::new(experiment.network(), 1, &Device::flex().autodiff());
    write_start(network, &experiment.config().training, &run).unwrap();
    run
}

fn state(epoch: usize, best: usize) -> TrainingState {
    let best = Some(Best { epoch: best, value: 0.5 });
    TrainingState { epoch, step: 10 * epoch, best, ..TrainingState::default() }
}

/// Saves a checkpoint with the weights of the last one.
fn save_epoch(run: &RunDirectory, epoch: usize, best: usize) {
    let last = run.last_checkpoint().unwrap().unwrap();
    run.save_checkpoint(crate::training::Checkpoint { state: state(epoch, best), ..last }).unwrap();
}

fn checkpoints(run: &RunDirectory) -> Vec<String> {
    let entries = fs::read_dir(run.path().join(CHECKPOINTS)).unwrap().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn name(path: Option<PathBuf>) -> String {
    path.unwrap().file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_run_is_created_once_and_its_recipe_and_account_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("parent/run");
    let (experiment, info) = (experiment(7, "epochs = 3"), info());
    let run = RunDirectory::create(&path, &experiment, &info).unwrap();
    assert_eq!(run.experiment().unwrap().config(), experiment.config());
    assert_eq!(run.info().unwrap().parameters, info.parameters);
    assert_eq!(run.progress().unwrap(), Progress::default());
    assert!(run.epochs().unwrap().is_empty() && run.diverged().unwrap().is_none());
    assert_eq!(run.checkpoint_path(Which::Best).unwrap(), None);
    assert!(matches!(run.weights(Which::Last), Err(RunError::NoCheckpoint { which: "last", .. })));
    let again = RunDirectory::create(&path, &experiment, &info);
    assert!(matches!(again, Err(RunError::Exists(taken)) if taken == path));
}

#[test]
fn only_one_process_trains_in_a_run() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    let first = RunDirectory::create(&path, &experiment(1, ""), &info()).unwrap();
    assert!(matches!(RunDirectory::open_locked(&path), Err(RunError::Busy(busy)) if busy == path));
    // To read is allowed all the same.
    assert!(RunDirectory::open(&path).unwrap().info().is_ok());
    let copy = first.clone();
    drop(first);
    assert!(matches!(RunDirectory::open_locked(&path), Err(RunError::Busy(_))));
    drop(copy);
    let unfinished = path.join(format!("{TEMPORARY}config.toml"));
    fs::write(&unfinished, "half").unwrap();
    assert!(RunDirectory::open_locked(&path).is_ok());
    assert!(!unfinished.exists());
}

#[test]
fn a_new_run_takes_an_empty_directory_or_what_was_left_of_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    let free = || RunDirectory::check_new(&path).is_ok();
    assert!(free());
    fs::create_dir(&path).unwrap();
    assert!(free());
    fs::write(path.join(format!("{TEMPORARY}x")), "").unwrap();
    assert!(free());
    fs::write(path.join(CONFIG), "").unwrap();
    assert!(!free(), "a recipe that nobody began to train");
    fs::write(path.join(LOCK), "").unwrap();
    fs::create_dir(path.join(CHECKPOINTS)).unwrap();
    assert!(free(), "a run that was cut before its account was written");
    fs::write(path.join("notes.txt"), "").unwrap();
    assert!(!free());
    fs::remove_dir_all(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert!(matches!(RunDirectory::check_new(&path), Err(RunError::Exists(_))));
}

#[test]
fn a_file_belongs_to_the_run_that_consists_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    RunDirectory::create(&path, &experiment(7, "epochs = 3"), &info()).unwrap();
    for name in [CONFIG, INFO, "checkpoints/epoch-0003/model.bpk", "plots/loss.png"] {
        let run = RunDirectory::of_file(&path.join(name)).unwrap();
        assert_eq!(run.path(), path, "{name}");
    }
    for name in ["notes.svg", "../config.toml", "filters/config.toml"] {
        assert!(RunDirectory::of_file(&path.join(name)).is_none(), "{name}");
    }
}

#[test]
fn what_is_not_a_run_is_refused_by_reason() {
    let directory = tempfile::tempdir().unwrap();
    let reason = |path: &Path| match RunDirectory::open(path).unwrap_err() {
        RunError::NotARun { path: named, reason } if named == path => reason,
        error => panic!("{error}"),
    };
    let path = directory.path().join("run");
    assert!(reason(&path).contains("no such directory"));
    fs::write(&path, "").unwrap();
    assert!(reason(&path).contains("a file"));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(reason(&path).contains(CONFIG));
    fs::write(path.join(CONFIG), "").unwrap();
    assert!(reason(&path).contains(INFO));
}

#[test]
fn the_best_and_the_last_checkpoint_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let run = started(&directory.path().join("run"));
    let which = |which| name(run.checkpoint_path(which).unwrap());
    assert_eq!(
        (which(Which::Best), which(Which::Last)),
        ("epoch-0000".into(), "epoch-0000".into())
    );
    save_epoch(&run, 1, 1);
    save_epoch(&run, 2, 1);
    save_epoch(&run, 3, 1);
    assert_eq!(checkpoints(&run), ["epoch-0001", "epoch-0003"]);
    assert_eq!(
        (which(Which::Best), which(Which::Last)),
        ("epoch-0001".into(), "epoch-0003".into())
    );
    let best = Some(Best { epoch: 1, value: 0.5 });
    assert_eq!(run.progress().unwrap(), Progress { epochs: 3, best, stopped_early: false });
    fs::create_dir(run.path().join("checkpoints/mine")).unwrap();
    save_epoch(&run, 4, 4);
    assert_eq!(checkpoints(&run), ["epoch-0004", "mine"]);
}

#[test]
fn a_damaged_last_checkpoint_leaves_the_best_one() {
    let directory = tempfile::tempdir().unwrap();
    let run = started(&directory.path().join("run"));
    save_epoch(&run, 1, 1);
    save_epoch(&run, 2, 1);
    let last = run.checkpoint_path(Which::Last).unwrap().unwrap();
    // Weights that changed show by their hash; the account of the checkpoint is still whole.
    let weights = last.join("model.bpk");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    let error = run.weights(Which::Last).unwrap_err();
    assert!(matches!(&error, RunError::Damaged { path, .. } if *path == weights), "{error}");
    assert!(error.to_string().contains("--checkpoint"), "{error}");
    assert_eq!(run.progress().unwrap().epochs, 2);
    // Without that account, the file `best` says which checkpoint is the best.
    fs::write(last.join("checkpoint.json"), "{").unwrap();
    assert!(matches!(run.progress(), Err(RunError::Damaged { .. })));
    assert_eq!(name(run.checkpoint_path(Which::Best).unwrap()), "epoch-0001");
    assert!(run.weights(Which::Best).is_ok());
    fs::remove_file(run.path().join("best")).unwrap();
    assert!(matches!(run.checkpoint_path(Which::Best), Err(RunError::Damaged { .. })));
}

#[test]
fn a_crash_between_two_writes_loses_no_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let run = started(&directory.path().join("run"));
    run.append(&record(1)).unwrap();
    save_epoch(&run, 1, 1);
    // The checkpoint of epoch 2 is whole, but the files `last` and `best` still name epoch 1.
    run.append(&record(2)).unwrap();
    let first = load(&run.checkpoint_path(Which::Last).unwrap().unwrap()).unwrap();
    let second = crate::training::Checkpoint { state: state(2, 2), ..first };
    save(second, &run.path().join(CHECKPOINTS)).unwrap();
    // Epoch 3 has its figures, but only part of its checkpoint.
    run.append(&record(3)).unwrap();
    fs::create_dir(run.path().join("checkpoints/.epoch-0003.partial")).unwrap();
    let last = fs::read_to_string(run.path().join("last")).unwrap();
    assert_eq!(last.trim(), "checkpoints/epoch-0001");
    let progress = run.progress().unwrap();
    assert_eq!((progress.epochs, progress.best.map(|best| best.epoch)), (2, Some(2)));
    assert_eq!(name(run.checkpoint_path(Which::Last).unwrap()), "epoch-0002");
    assert_eq!(name(run.checkpoint_path(Which::Best).unwrap()), "epoch-0002");
    // Training continues after epoch 2: what was written about epoch 3 goes.
    run.write_diverged(&record(3)).unwrap();
    run.forget_after(progress.epochs).unwrap();
    assert_eq!(run.epochs().unwrap(), [record(1), record(2)]);
    assert!(run.diverged().unwrap().is_none());
    save_epoch(&run, 3, 2);
    assert_eq!(checkpoints(&run), ["epoch-0002", "epoch-0003"]);
}
