# Sourced by run.sh and usage.sh with the Python script of the comparison and its options: checks these, and
# sets `root` and PYTHON, an interpreter that has the peers of requirements.txt.
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

if ! python3 -c "import tomllib" 2>/dev/null; then
    echo "error: no python3 of 3.11 or later; install Python from https://python.org" >&2
    exit 2
fi
python3 "$root/scripts/bench/$1" --check "${@:2}" || exit
for argument in "${@:2}"; do
    if [[ $argument == -h || $argument == --help ]]; then exit 0; fi
done

if [[ -z "${PYTHON:-}" ]]; then
    venv="$root/target/bench-venv"
    PYTHON="$venv/bin/python"
    # What was installed when the environment became complete.
    if ! cmp -s "$root/scripts/bench/requirements.txt" "$venv/complete"; then
        python3 -m venv "$venv"
        "$PYTHON" -m pip install --quiet -r "$root/scripts/bench/requirements.txt"
        cp "$root/scripts/bench/requirements.txt" "$venv/complete"
    fi
fi
