#!/usr/bin/env bash
# Trains the eight-layer colorizer in several ways and measures what each changes: color bins of width 10 and 5,
# the prior smoothed, the prior and the photos of one kind of scene alone, lambda, and the temperature. Finished
# runs are skipped, interrupted ones resumed.
#
#   scripts/colorizer-study.sh [--small] [--data DIR] [--only PATTERN] [--seeds N] [--output DIR] [-- ARGUMENTS]
#
#   --small         try it: some of the shipped photos, one seed, one epoch
#   --data DIR      color photos in one folder; every tenth is for validation, every tenth for the test
#                   (default datasets/photos/train)
#   --only PATTERN  names of the photos of one kind, such as 'forest*', for the runs that learn from these alone
#   --seeds N       seeds 1 to N (default 3)
#   --output DIR    where photos, runs and figures go (default runs/colorizer-study)
#   -- ARGUMENTS    more arguments of `dlkit train` for every new run, such as --set training.epochs=20
set -euo pipefail

fail() {
    echo "error: $1" >&2
    exit 2
}

# Paths are relative to the caller's directory.
from_here() {
    case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac
}

small=false data= only= seeds=3 output= more=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit ;;
        --small) small=true; shift ;;
        --seeds)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a positive integer, not '${2:-}'"
            seeds=$2; shift 2 ;;
        --data)
            [ -d "${2:-}" ] || fail "--data needs a folder of photos, not '${2:-}'"
            data=$(from_here "$2"); shift 2 ;;
        --only) [ -n "${2:-}" ] || fail "--only needs a pattern, such as 'forest*'"; only=$2; shift 2 ;;
        --output) [ -n "${2:-}" ] || fail "--output needs a directory"; output=$(from_here "$2"); shift 2 ;;
        --) shift; more=("$@"); break ;;
        *) fail "unknown argument '$1'; allowed: --small, --data DIR, --only PATTERN, --seeds N, --output DIR, -- ARGUMENTS" ;;
    esac
done
[ -z "${DLKIT:-}" ] || DLKIT=$(from_here "$DLKIT")
cd "$(dirname "$0")/.."
data=${data:-datasets/photos/train}
if $small; then
    seeds=1 more=(--set training.epochs=1 --set data.crops=1 ${more[@]+"${more[@]}"})
    output=${output:-runs/colorizer-study-small}
else
    output=${output:-runs/colorizer-study}
fi
command -v python3 >/dev/null || fail "python3 not found; it makes the table"
if [ -z "${DLKIT:-}" ]; then
    command -v cargo >/dev/null || fail "cargo not found; install Rust from https://rustup.rs"
    cargo build --release --locked
    DLKIT=${CARGO_TARGET_DIR:-target}/release/dlkit
fi

# The photos of a pattern in parts: of each ten, the first is for the test, the sixth for validation.
parts() {
    local folder=$1 pattern=$2 number=0 part photo
    [ ! -d "$folder" ] || return 0
    mkdir -p "$folder.new"/{train,validation,test}
    while read -r photo; do
        case $((number % 10)) in 0) part=test ;; 5) part=validation ;; *) part=train ;; esac
        cp "$photo" "$folder.new/$part/"
        number=$((number + 1))
        ! $small || [ "$number" -lt 30 ] || break
    done < <(find "$data" -maxdepth 1 -type f -name "$pattern" \
        \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' \) | LC_ALL=C sort)
    [ "$number" -ge 20 ] || fail "$data: $number photos match '$pattern'; the study needs 20 or more"
    mv "$folder.new" "$folder"
}
rm -rf "$output"/photos/*.new
parts "$output/photos/all" '*'
[ -z "$only" ] || parts "$output/photos/only" "$only"

# The recipe with this many more settings on these photos, with as many outputs as colors were seen: dlkit says how
# many there are where a network has more.
bins() {
    local width=$1 photos=$2 said
    said=$("$DLKIT" train configs/colorizer/eight-layer.toml --data "$output/photos/$photos" \
        --set "colorization.bin_width=$width" --set network.layers.7.filters=2000 \
        --output "$output/never" 2>&1 || true)
    sed -n 's/.*have colors in \([0-9]*\) bins.*/\1/p' <<<"$said" | grep . ||
        fail "no number of colors in: $said"
}
wide=$(bins 10 all) narrow=$(bins 5 all) one=
[ -z "$only" ] || one=$(bins 10 only)
echo "colors seen in the training photos: $wide of 484 bins of width 10, $narrow of 1936 of width 5${one:+; $one of width 10 in '$only'}"

# One run: NAME PHOTOS OUTPUTS ARGUMENTS...
failed=0
train() {
    local name=$1 photos=$2 outputs=$3 run seed
    shift 3
    for seed in $(seq "$seeds"); do
        run=$output/$name-seed$seed
        mkdir -p "$output/logs"
        if grep -qsE '"outcome": "(finished|stopped-early)"' "$run/run.json"; then
            echo "$run: finished before"
            continue
        fi
        local arguments=(configs/colorizer/eight-layer.toml --data "$output/photos/$photos" --output "$run"
            --set "network.layers.7.filters=$outputs" --set "seed=$seed" "$@" ${more[@]+"${more[@]}"})
        [ ! -e "$run/run.json" ] || arguments=(--resume "$run")
        if "$DLKIT" train "${arguments[@]}" </dev/null >"$output/logs/$name-seed$seed.log" 2>&1; then
            echo "$run: trained"
        else
            echo "$run: failed, see $output/logs/$name-seed$seed.log" >&2
            failed=1
        fi
    done
    [ ! -e "$output/$name-seed1/run.json" ] ||
        "$DLKIT" colorize --palette "$output/$name-palette.svg" --model "$output/$name-seed1" --force --quiet
}
train base all "$wide"
train width-5 all "$narrow" --set colorization.bin_width=5
train smoothed all "$wide" --set colorization.prior_smoothing=5
train lambda-0 all "$wide" --set colorization.lambda=0
train lambda-1 all "$wide" --set colorization.lambda=1
[ -z "$only" ] || train only only "$one"

# Figures of each run on the test photos of all kinds, and of one; of the base at other temperatures.
evaluate() {
    local name=$1 photos=$2 file=$3 seed
    shift 3
    for seed in $(seq "$seeds"); do
        "$DLKIT" evaluate "$output/$name-seed$seed" --data "$output/photos/$photos/test" --json "$@" \
            >"$output/figures/$file-$photos-seed$seed.json" || failed=1
    done
}
mkdir -p "$output/figures"
rm -f "$output"/figures/*.json
names=(base width-5 smoothed lambda-0 lambda-1)
[ -z "$only" ] || names+=(only)
for name in "${names[@]}"; do
    evaluate "$name" all "$name"
    [ -z "$only" ] || evaluate "$name" only "$name"
done
for temperature in 0.1 0.2 0.6 1; do
    evaluate base all "base-T$temperature" --temperature "$temperature"
done

python3 - "$output/figures" <<'PYTHON' | tee "$output/table.md"
"""Means over seeds of the means over photos, with the deviation over seeds."""
import json
import re
import statistics
import sys
from pathlib import Path

rows = {}
for path in sorted(Path(sys.argv[1]).glob("*.json")):
    name = re.fullmatch(r"(.*)-seed\d+\.json", path.name).group(1)
    if path.stat().st_size:
        rows.setdefault(name, []).append(json.loads(path.read_text()))

def cell(reports, figure):
    values = [figure(report) for report in reports]
    deviation = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.2f}{deviation}"

columns = [
    ("CIEDE2000", lambda of: of["ciede2000"]["mean"]),
    ("AuC in %", lambda of: 100 * of["auc"]["mean"]),
    ("rebalanced AuC in %", lambda of: 100 * of["rebalanced_auc"]["mean"]),
    ("chroma", lambda of: of["chroma"]["mean"]),
    ("green, % of pixels", lambda of: 100 * of["hues"][3]["mean"]),
]
print("| run, test photos | " + " | ".join(name for name, _ in columns) + " |")
print("|---|" + "--:|" * len(columns))
baselines = {}
for name, reports in rows.items():
    cells = [cell(reports, lambda report, get=get: get(report["model"])) for _, get in columns]
    print(f"| {name} | " + " | ".join(cells) + " |")
    photos = name.rsplit("-", 1)[1]
    if name == f"base-{photos}":
        for baseline in ("grey", "prior_mean"):
            cells = [cell(reports, lambda report, get=get: get(report[baseline])) for _, get in columns]
            baselines[f"{baseline.replace('_', ' ')}-{photos}"] = cells
for name, cells in baselines.items():
    print(f"| {name} | " + " | ".join(cells) + " |")
PYTHON
exit "$failed"
