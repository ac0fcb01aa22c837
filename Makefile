# Every target works on a fresh Debian machine as root: `setup` installs what is missing and starts Docker.

SHELL := /bin/bash
export PATH := $(PATH):$(HOME)/.cargo/bin
TARGET := $(or $(CARGO_TARGET_DIR),target)

# Builds images in the background while a command runs: $(call with_images,IMAGES,COMMAND).
with_images = fixtures/images/build.sh $(1) & images=$$!; $(2); status=$$?; wait $$images && exit $$status

NEXTEST := cargo nextest --version >/dev/null 2>&1
COMPILE_TESTS = if $(NEXTEST); then cargo nextest run --no-run; else cargo test --no-run; fi
# nextest does not run the examples of the documentation.
RUN_TESTS = if $(NEXTEST); then cargo nextest run --no-fail-fast && cargo test --doc; else cargo test --no-fail-fast; fi

.PHONY: help demo test check bench bench-hop bench-proof bench-port images clean setup

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

demo: setup ## Upgrade a small company from 18.0 to 19.0 and show its report
	@$(call with_images,odoo:19.0 postgres:15,cargo build --release)
	@fixtures/demo.sh

test: setup ## Run everything that must pass: checks, unit tests, integration tests with Docker
	@$(call with_images,,$(COMPILE_TESTS))
	@$(MAKE) --no-print-directory check
	@$(RUN_TESTS)

check: ## Run what needs no Docker: format, lints, documentation, licences
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
	fixtures/licences.sh

bench: setup ## Measure ratios: unchanged runs, restores, checkpoints, logs (a few minutes)
	@$(call with_images,odoo:19.0 postgres:15,cargo build --release)
	@fixtures/bench.sh

bench-hop: setup ## Take sample customers over a hop, plain and accelerated in turn: ratios, and equality (a quarter of an hour)
	@$(call with_images,odoo:19.0 postgres:15,cargo test --no-run --test main)
	@cargo test --quiet --test main bench_hop -- --ignored --nocapture --test-threads=1

bench-proof: setup ## Plant faults into sample customers, before and after a hop, and show which are found (minutes)
	@$(call with_images,odoo:19.0 postgres:15,cargo test --no-run --test main)
	@cargo test --quiet --test main verify_planted -- --nocapture --test-threads=1

bench-port: setup ## Judge ported modules of the OCA by a real Odoo 19.0 (half an hour; downloads 180 small packages)
	@$(call with_images,odoo:19.0 postgres:15,cargo build --release)
	@fixtures/bench-port.sh hold

images: setup ## Build the images odoo:19.0, odoo:14.0 and postgres:15 from Debian packages
	@fixtures/images/build.sh

clean: ## Remove what was compiled, and what hopp left in Docker
	-@for hopp in $(TARGET)/release/hopp $(TARGET)/debug/hopp; do if [ -x $$hopp ]; then $$hopp clean; break; fi; done
	cargo clean

setup: ## Install what is missing and start Docker
	@fixtures/images/setup.sh
