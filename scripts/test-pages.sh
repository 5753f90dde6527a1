#!/usr/bin/env bash
# Opens pages that dlkit writes in headless Chromium and uses them: pictures load, sliders move, nothing is
# wider than the window, on a wide screen and on a phone, light and dark. Installs Chromium (Debian) if it is missing.
# Usage: scripts/test-pages.sh [DIR]
#   DIR: where pages and screenshots are kept; without it they are removed.
# DLKIT=/path/to/dlkit uses a program that is already built.
# Exit codes: 0 all as it should be, 1 a page is not, 2 no Chromium or no page.
set -euo pipefail

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
fail() {
    echo "test-pages: $2" >&2
    exit "$1"
}

command -v chromium >/dev/null || apt-get install --yes --quiet chromium >/dev/null ||
    fail 2 "chromium is not installed, and apt-get cannot install it"
if [[ -z "${DLKIT:-}" ]]; then
    (cd "$root" && cargo build --release --locked --workspace --quiet)
    DLKIT="$root/target/release/dlkit"
fi
if (($# > 0)); then
    mkdir -p -- "$1"
    folder="$(cd -- "$1" && pwd)"
else
    folder="$(mktemp -d)"
    trap 'rm -rf -- "$folder"' EXIT
fi

browser() {
    timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars "$@" 2>/dev/null
}

"$DLKIT" colorize "$root/datasets/photos/test" --output "$folder/colors" --page "$folder/colors.html" --force >/dev/null ||
    fail 2 "the page was not written"
# What a user does, and what they would see, told in the title.
cat "$folder/colors.html" - >"$folder/used.html" <<'HTML'
<script>
addEventListener("load", () => {
  const slider = document.querySelector(".pair input");
  slider.value = 25;
  slider.dispatchEvent(new Event("input"));
  const cut = getComputedStyle(document.querySelector(".before")).clipPath;
  const loaded = [...document.images].every((image) => image.complete && image.naturalWidth > 0);
  const fits = document.documentElement.scrollWidth <= innerWidth;
  const label = slider.getAttribute("aria-label").length > 0;
  document.title = `cut ${cut}, loaded ${loaded}, fits ${fits}, label ${label}`;
});
</script>
HTML
for width in 1200 400; do
    title="$(browser --window-size="$width,900" --dump-dom "file://$folder/used.html" | grep -o '<title>[^<]*')"
    expected="<title>cut inset(0px 0px 0px 25%), loaded true, fits true, label true"
    [[ "$title" == "$expected" ]] || fail 1 "$width pixels wide: $title, not $expected"
    for scheme in light dark; do
        browser --window-size="$width,900" --blink-settings=preferredColorScheme=$([[ $scheme == dark ]] && echo 0 || echo 1) \
            --screenshot="$folder/colors-$width-$scheme.png" "file://$folder/colors.html" >/dev/null
    done
done
echo "test-pages: the page of colorize is as it should be"
