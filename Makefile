# The two commands are `make serve` and `make test`; both do all their own set-up.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
env := source .tools/env &&

.PHONY: serve test dist bench parity tables setup-build setup-test test-host test-lint test-browser test-page screenshots figures clean

## Builds the playground and serves it at http://127.0.0.1:8080/, in one part.
serve: setup-build editor
	$(env) trunk serve --offline --release --address 127.0.0.1 --port 8080

## Every test: lints, host tests, browser tests, the served release build in headless Chromium.
test: setup-test editor
	$(MAKE) test-lint
	$(MAKE) test-host
	$(MAKE) test-browser
	$(MAKE) dist
	$(MAKE) test-page

test-lint:
	$(env) cargo fmt --check
	$(env) cargo clippy --quiet --all-targets -- -D warnings
	$(env) cargo clippy --quiet --target wasm32-unknown-unknown --lib --bin statelab --test web -- -D warnings

test-host:
	$(env) cargo test

test-browser:
	$(env) WASM_BINDGEN_TEST_TIMEOUT=300 cargo test --target wasm32-unknown-unknown --test web

test-page:
	$(env) node --test --test-concurrency=1 tests/page/*.test.mjs

## The release build: static files in dist/ that any web server, or a sub-folder of one, can serve. Chromium tells what comes first.
dist: setup-test editor
	$(env) trunk build --offline --release
	$(env) node .ci/cut.mjs dist
	$(env) node .ci/size.mjs dist

## Benchmarks of the core (criterion) and of the page.
bench: setup-build
	$(env) cargo bench

## How many commands of recorded sessions match; PAGES names them.
PAGES ?= tests/sessions/recorded/*.md
parity:
	cargo build --release --quiet
	python3 tests/parity.py "target/release/statelab replay" $(PAGES)

## Writes what follows from the tables of rows: the kinds' types and texts, and the README's lists. After a row has come or gone.
tables:
	UPDATE=1 cargo test --quiet --test it -- schema readme

## Pictures of the page at 1280 and 360 pixels, light and dark, in target/screenshots/.
screenshots: setup-test
	$(env) node tests/page/screenshots.mjs

## Times and memory of the release build in headless Chromium.
figures: dist
	$(env) node tests/page/figures.mjs

editor: www/editor.js
www/editor.js: www/editor/package.json www/editor/package-lock.json $(wildcard www/editor/*.js)
	$(env) npm run --silent --prefix www/editor build

setup-build:
	@.ci/setup build

setup-test:
	@.ci/setup test

clean:
	rm -rf target dist .tools
