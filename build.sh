#!/usr/bin/env bash
# The one way to do anything: ./build.sh help
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'TXT'
usage: ./build.sh VERB

  serve [port]   build the page into dist/ and serve it on 127.0.0.1 (port 8000)
  build          build the page into dist/, and the npm package into dist/npm/
  test           everything: check, native tests, page, browser tests, size limit
  check          format, clippy (natively and for wasm32), lint and types of www
  cli            the native command line, target/release/dextr
  bench [name]   cell | browser | page | onnx FILE | exports | webgpu | gpu | correlation | reference | table |
                 search | tab | cost | circles | lapack | merge | scaling |
                 size (cell, browser and size by default)
  clean          remove what was built

Needs cargo (rustup), node with npm, and python3. What is installed goes into the
checkout (target/tools, www/node_modules), but for the wasm32 target of rustup;
test also needs Chromium, Firefox and WebKitGTK's driver with Xvfb, and installs
Debian's where they are missing and it may.
TXT
}

say() { printf '\n== %s\n' "$*"; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# step NAME COMMAND…: runs the command and prints the minutes it took.
step() {
    local name=$1 start=$SECONDS
    shift
    say "$name"
    "$@"
    local took=$((SECONDS - start))
    printf '== %s: %d min %02d s\n' "$name" $((took / 60)) $((took % 60))
}

# beside NAME COMMAND…: a step that runs beside the next ones, which end one thread
# at a time (a module's link is one), until `joined` shows what it said.
BESIDE= BESIDE_NAME=
beside() {
    BESIDE_NAME=$1
    shift
    mkdir -p target
    say "$BESIDE_NAME begins, beside the next steps"
    (step "$BESIDE_NAME" "$@") >target/beside.log 2>&1 &
    BESIDE=$!
    trap '[ -z "$BESIDE" ] || kill "$BESIDE" 2>/dev/null || true' EXIT
}

joined() {
    local code=0
    wait "$BESIDE" || code=$?
    BESIDE=
    cat target/beside.log
    [ "$code" = 0 ] || die "$BESIDE_NAME: failed, see above"
}

# Debian packages, as root only; says what it installs.
install_packages() {
    command -v apt-get >/dev/null || die "please install: $*"
    [ "$(id -u)" = 0 ] || die "please install as root: apt-get install $*"
    say "installing Debian packages: $*"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# --- the wasm32 toolchain -----------------------------------------------------

WASM_TARGET=wasm32-unknown-unknown

has_wasm_target() {
    [ -d "$(rustc --print target-libdir --target $WASM_TARGET 2>/dev/null)" ]
}

# Sets WASM_CARGO to `rustup` (the usual way) or `debian` (the standard library
# built from Debian's sources, where rustup cannot fetch the target).
find_wasm_toolchain() {
    WASM_CARGO=rustup
    has_wasm_target && return
    if command -v rustup >/dev/null; then
        RUSTUP_MAX_RETRIES=0 timeout 120 rustup target add $WASM_TARGET >/dev/null 2>&1 || true
        has_wasm_target && return
    fi
    WASM_CARGO=debian
    local missing=()
    [ -x /usr/bin/cargo ] || missing+=(cargo-web)
    [ -x /usr/bin/rustc ] || missing+=(rustc-web)
    [ -d /usr/lib/rustlib/src/rust/library ] || missing+=(rust-web-src)
    if [ ${#missing[@]} -gt 0 ]; then
        say "rustup cannot fetch $WASM_TARGET: Debian's rustc-web, cargo-web and rust-web-src build it instead"
        install_packages rustc-web cargo-web rust-web-src
    fi
}

# wasm_cargo VERB ARGUMENT…: cargo for wasm32, with SIMD; without reference types,
# since Binaryen's wasm-split of today's distributions mixes up a second table.
wasm_cargo() {
    local verb=$1
    shift
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C target-feature=+simd128,-reference-types"
    if [ "$WASM_CARGO" = rustup ]; then
        cargo "$verb" --target $WASM_TARGET "$@"
        return
    fi
    local host lld
    host=$(rustc -vV | sed -n 's/^host: //p')
    lld=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    [ -x "$lld" ] || die "no rust-lld in $(rustc --print sysroot); install the rustup toolchain"
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$lld \
        RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 \
        /usr/bin/cargo "$verb" --target $WASM_TARGET -Z build-std=std,panic_abort "$@"
}

# wasm-bindgen's command, of the version that Cargo.lock has.
wasm_bindgen_tool() {
    local version
    version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
    if ! target/tools/bin/wasm-bindgen --version 2>/dev/null | grep -qx "wasm-bindgen $version"; then
        # Without --locked: its lock file has a yanked entry.
        cargo install --quiet wasm-bindgen-cli --version "=$version" --root target/tools --force
    fi
}

# --- the parts ------------------------------------------------------------------

# What the linked module says that it uses: else the standard library that rustup
# brings would say reference types for it.
WASM_LINK=(-C link-arg=--no-check-features -C link-arg=--features=bulk-memory,bulk-memory-opt,mutable-globals,nontrapping-fptoint,sign-ext,simd128)

# cdylib for wasm alone; see Cargo.toml.
build_wasm() {
    find_wasm_toolchain
    wasm_cargo rustc --quiet --lib --profile wasm --crate-type cdylib -- "${WASM_LINK[@]}"
}

# The module of the tests: the shipped one with src/web/probe.rs. The next
# build_wasm puts the shipped one back into its place.
build_probe() {
    find_wasm_toolchain
    wasm_bindgen_tool
    wasm_cargo rustc --quiet --lib --profile wasm --crate-type cdylib --features probe -- "${WASM_LINK[@]}"
    target/tools/bin/wasm-bindgen --target web --no-typescript \
        --out-dir target/probe --out-name dextr "target/$WASM_TARGET/wasm/dextr.wasm"
}

# The page's npm packages, as modules that it serves itself.
build_page() {
    rm -rf dist
    mkdir -p dist
    cp -r www/index.html www/style.css www/app www/examples www/offline.js www/manifest.webmanifest www/icon.svg dist/
    # The modules come bundled.
    find dist/app -name '*.[jt]s' ! -name fromfile.js -delete
    find dist/app -type d -empty -delete
    mkdir dist/dextr
    target/tools/bin/wasm-bindgen --target web --no-typescript --remove-name-section --remove-producers-section \
        --out-dir target/whole --out-name dextr "target/$WASM_TARGET/wasm/dextr.wasm"
    type -P wasm-split >/dev/null || install_packages binaryen
    CHROMIUM=${CHROMIUM:-$(type -P chromium || type -P google-chrome || true)} node www/npm/split.mjs
    node www/npm/build.mjs
    node www/npm/page.mjs
    node www/npm/offline.mjs
}

build_all() {
    step "wasm" build_wasm
    step "wasm-bindgen" wasm_bindgen_tool
    node_packages
    step "page" build_page
}

node_packages() {
    command -v npm >/dev/null || die "please install node with npm"
    # The stamp is newer than the lock file when nothing has changed.
    [ www/node_modules/.package-lock.json -nt www/package-lock.json ] ||
        npm ci --prefix www --silent --no-audit --no-fund
}

# Sets CHROMIUM to a browser's path.
find_chromium() {
    CHROMIUM=${CHROMIUM:-$(type -P chromium || type -P google-chrome || true)}
    if [ -z "$CHROMIUM" ]; then
        install_packages chromium
        CHROMIUM=$(type -P chromium)
    fi
    export CHROMIUM
}

# Firefox, and WebKit with a screen of its own, for the browser tests.
find_other_browsers() {
    local missing=()
    FIREFOX=${FIREFOX:-$(type -P firefox-esr || type -P firefox || true)}
    [ -n "$FIREFOX" ] || missing+=(firefox-esr)
    type -P WebKitWebDriver >/dev/null || missing+=(webkit2gtk-driver)
    type -P Xvfb >/dev/null || missing+=(xvfb)
    [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
    FIREFOX=${FIREFOX:-$(type -P firefox-esr)}
    WEBKIT=${WEBKIT:-$(find /usr/lib /usr/libexec -path '*webkit2gtk-4.*' -name MiniBrowser -type f -print -quit 2>/dev/null)}
    [ -n "$WEBKIT" ] || die "no MiniBrowser of WebKitGTK; set WEBKIT to its path"
    export FIREFOX WEBKIT
}

# A WebGPU adapter for the native tests and for Firefox: SwiftShader, which comes with Chromium.
# Set VK_ICD_FILENAMES yourself to test on another driver.
vulkan_driver() {
    [ -n "${VK_ICD_FILENAMES:-}" ] && return
    local browser icd
    find_chromium
    # Not grep -q: under pipefail it fails the pipe that it closes.
    ldconfig -p | grep 'libvulkan\.so\.1' >/dev/null || install_packages libvulkan1
    browser=$(dirname "$(readlink -f "$CHROMIUM")")
    for icd in "$browser" /usr/lib/chromium /usr/lib/chromium-browser /opt/google/chrome; do
        if [ -f "$icd/vk_swiftshader_icd.json" ]; then
            export VK_ICD_FILENAMES=$icd/vk_swiftshader_icd.json
            return
        fi
    done
    die "no vk_swiftshader_icd.json beside $CHROMIUM; set VK_ICD_FILENAMES to a Vulkan driver"
}

native_tests() {
    vulkan_driver
    cargo test --release --workspace
}

# ONNX's own backend suite: single nodes on the CPU and on WebGPU, whole networks,
# inferred shapes.
onnx_suite() {
    vulkan_driver
    python3 tests/onnx/backend.py target/onnx-cases
    DEXTR_ONNX_CASES=$PWD/target/onnx-cases cargo test --release --test onnx_backend -- --include-ignored
}

# Ray with two workers, a Slurm array, GNU parallel: what many machines do, on this
# one. Ray lies in a virtual environment of its own.
cluster_tests() {
    local folder=target/cluster wanted=tests/cluster/requirements.txt
    if ! cmp -s "$wanted" "$folder/requirements.txt"; then
        rm -rf "$folder"
        python3 -m venv "$folder/venv" || {
            install_packages python3-venv
            python3 -m venv "$folder/venv"
        }
        "$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
        cp "$wanted" "$folder/requirements.txt"
    fi
    # As the native tests build it: by itself the library would be compiled again,
    # since what only tests need turns on features of what both need.
    cargo test --quiet --release --no-run --test cli
    "$folder/venv/bin/python" -B tests/cluster/test_cluster.py target/release/dextr
}

suites() {
    step "ONNX's backend suite" onnx_suite
    step "Ray, Slurm, GNU parallel" cluster_tests
}

# The lints are denied in check alone: a warning must not stop a build.
check_rust() {
    cargo fmt --all --check
    cargo clippy --quiet --release --workspace --all-targets -- -D warnings
}

check_wasm() {
    if has_wasm_target; then
        WASM_CARGO=rustup wasm_cargo clippy --quiet --lib --profile wasm -- -D warnings
        WASM_CARGO=rustup wasm_cargo clippy --quiet --lib --profile wasm --features probe -- -D warnings
    else
        echo "no $WASM_TARGET in rustup's toolchain: clippy for wasm32 left out"
    fi
}

check_www() {
    node_packages
    npm run --prefix www --silent lint
    npm run --prefix www --silent types
}

check_all() {
    step "lint and types of www" check_www
    step "format and clippy" check_rust
    step "clippy for wasm32" check_wasm
}

browser_tests() {
    find_chromium
    find_other_browsers
    vulkan_driver
    node_packages
    node --test --test-concurrency=1 tests/node/*.test.mjs tests/browser/*.spec.mjs
}

bench() {
    local name=${1:-}
    [ $# -gt 0 ] && shift
    case $name in
        cell) cargo bench --quiet --bench cell -- "$@" ;;
        lapack) cargo bench --quiet --bench lapack -- "$@" ;;
        circles) cargo bench --quiet --bench circles -- "$@" ;;
        reference) DEXTR_DATA=${DEXTR_DATA:-../shared/data} cargo bench --quiet --bench reference -- "$@" ;;
        correlation) DEXTR_DATA=${DEXTR_DATA:-../shared/data} cargo bench --quiet --bench correlation -- "$@" ;;
        table)
            cargo build --quiet --release --bin dextr
            node_packages
            node benches/table.mjs
            ;;
        search)
            # All cells once: the table that searches are replayed from.
            local data=${DEXTR_DATA:-../shared/data}
            cargo build --quiet --release --bin dextr
            mkdir -p target/search
            target/release/dextr score --space nasbench201 --device cpu --proxy dextr,meco_opt \
                --input "$data/nasbench201_imagenet16_120.csv" --out target/search/nasbench201.csv
            DEXTR_DATA=$data cargo bench --quiet --bench search -- "$@"
            ;;
        cost)
            cargo build --quiet --release --bin dextr
            python3 benches/cost.py "$@"
            ;;
        scaling)
            cargo build --quiet --release --bin dextr
            python3 benches/scaling.py "$@"
            ;;
        merge)
            cargo build --quiet --release --bin dextr
            python3 benches/merge.py "$@"
            ;;
        rivals)
            cargo build --quiet --release --bin dextr
            "${DEXTR_PYTHON:-python3}" -B benches/rivals.py "$@"
            ;;
        browser)
            build_all
            find_chromium
            node_packages
            node benches/browser.mjs "$@"
            ;;
        page)
            build_all
            find_chromium
            node_packages
            node benches/page.mjs "$@"
            ;;
        tab)
            build_all
            find_chromium
            node_packages
            node benches/tab.mjs "$@"
            ;;
        onnx)
            build_all
            find_chromium
            node_packages
            # 150 MB, for this bench alone.
            [ -d target/onnxruntime-web/node_modules ] ||
                npm install --prefix target/onnxruntime-web --silent --no-audit --no-fund onnxruntime-web@1.30.0
            ORT_WEB=$PWD/target/onnxruntime-web/node_modules/onnxruntime-web/dist node benches/onnx.mjs "$@"
            ;;
        exports)
            cargo build --quiet --release --bin dextr
            "${DEXTR_PYTHON:-python3}" benches/exports.py "$@"
            ;;
        webgpu)
            build_all
            find_chromium
            node_packages
            node benches/webgpu.mjs "$@"
            ;;
        gpu)
            cargo bench --quiet --bench gpu -- write target/gpu
            cargo bench --quiet --bench gpu -- "$@"
            build_all
            find_chromium
            node benches/gpu.mjs "$@"
            ;;
        size)
            build_all
            node benches/size.mjs
            ;;
        "")
            bench cell
            bench browser
            node benches/size.mjs
            ;;
        *) die "no bench '$name': cell, browser, page, onnx, exports, webgpu, gpu, correlation, reference, table, search, tab, cost, circles, lapack, merge, rivals, scaling, size" ;;
    esac
}

serve() {
    local port=${1:-8000}
    build_all
    say "http://127.0.0.1:$port/ (Ctrl-C to stop)"
    exec python3 -m http.server --bind 127.0.0.1 --directory dist "$port"
}

verb=${1:-help}
[ $# -gt 0 ] && shift
case $verb in
    serve) serve "$@" ;;
    build) build_all ;;
    test)
        find_wasm_toolchain
        check_all
        step "native tests" native_tests
        beside "ONNX's backend suite and the cluster's tests" suites
        step "wasm for the tests" build_probe
        build_all
        joined
        step "size limit" node benches/size.mjs
        step "browser tests" browser_tests
        printf '\nall of ./build.sh test passed in %d min\n' $((SECONDS / 60))
        ;;
    check) check_all ;;
    cli)
        step "command line" cargo build --quiet --release --bin dextr
        echo "target/release/dextr"
        ;;
    bench) bench "$@" ;;
    clean) rm -rf target dist www/node_modules ;;
    help | -h | --help) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
