# The front door. `make help` lists what it does; every target sets up what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

# The one set of flags for the programs that ship; another set would rebuild everything.
# A terminal would make the compilers colour their messages, which is another set of flags.
COMMON := --no-color-diagnostics --explicit-target-dependency-import-check error
# A static program at a random address needs lld, because gold does not know the option, and no rpath, which glibc takes
# for a library's. C code notices when its stack is overwritten. Nothing names the paths of the machine that built it.
HARDENING := --disable-local-rpath -Xswiftc -use-ld=lld -Xswiftc -Xclang-linker -Xswiftc -static-pie \
	-Xlinker -z -Xlinker now \
	-Xcc -fstack-protector-strong -Xcc -ffile-prefix-map=$(CURDIR)=. -Xswiftc -file-prefix-map -Xswiftc $(CURDIR)=.
RELEASE := $(COMMON) -c release -Xswiftc -static-executable -Xlinker -s $(HARDENING)
DEBUG := $(COMMON)
BIN := .build/release
PREFIX ?= /usr/local
# Every reader reports to libFuzzer which of its branches an input has taken. Swift's driver would link libFuzzer's own
# `main`, hence the frontend's option.
FUZZ = $(COMMON) -c release --scratch-path .build-fuzz -Xswiftc -enable-testing -Xswiftc -Xfrontend \
	-Xswiftc -sanitize=fuzzer -Xlinker -lstdc++ \
	-Xlinker $(wildcard $(TOOLCHAIN)../lib/clang/*/lib/linux/libclang_rt.fuzzer_no_main-$(shell uname -m).a)

BUILD_PACKAGES := libbpf-dev libelf-dev zlib1g-dev libcrypt-dev libsqlite3-dev
TEST_PACKAGES := tmux prometheus crun busybox-static python3-venv openssl
LINT_PACKAGES := clang-format shellcheck yamllint pyflakes3
KERNEL_PACKAGES := qemu-system-x86 busybox-static cpio xz-utils curl

SWIFT = $(shell deploy/scripts/deps.sh --swift)
TOOLCHAIN = $(dir $(shell readlink -f $(SWIFT)))
BPF_OBJECT := .build-bpf/accounting.bpf.o
BPF_ARCH := $(if $(filter aarch64,$(shell uname -m)),arm64,x86)
BPF_FLAGS := -target bpf -mcpu=v2 -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -D__TARGET_ARCH_$(BPF_ARCH) \
	-I/usr/include/$(shell uname -m)-linux-gnu "-ffile-prefix-map=$(CURDIR)=."

.DEFAULT_GOAL := help
.PHONY: help run check test prove build bpf lint fmt docs screenshots accuracy bench bench-switch bench-latency bench-export bench-tools attack kernels fuzz install uninstall notices deploy-check clean
.PHONY: deps lint-deps test-deps python revision

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build, start the agent, and look at it with energyctl top (FLAGS="--carbon.zone DE")
	@exec deploy/scripts/run.sh $(BIN) $(FLAGS)

build: deps bpf revision ## Build energyd and energyctl, statically linked, into .build/release
	@echo "Building energyd and energyctl (the first time takes minutes: it builds the libraries too)"
	@$(SWIFT) build $(RELEASE) --product energyd
	@$(SWIFT) build $(RELEASE) --product energyctl

bpf: deps $(BPF_OBJECT) ## Compile the kernel programs

# One object per concern: bpf/CONCERN/CONCERN.bpf.c, with its own headers and those that all share.
.build-bpf/%.bpf.o: $(wildcard bpf/*.h bpf/*/*.h bpf/*/*.c) Makefile
	@mkdir -p $(@D)
	@$(TOOLCHAIN)clang $(BPF_FLAGS) -c bpf/$*/$*.bpf.c -o $@.tmp
	@$(TOOLCHAIN)llvm-objcopy --strip-debug $@.tmp $@ && rm $@.tmp

# What --version says; an image is built without the repository's history and gets it by REVISION=.
revision:
	@mkdir -p .build-bpf
	@revision=$${REVISION:-$$(git describe --always --abbrev=12 --exclude='*' --dirty 2>/dev/null || true)}; \
		[[ -e .build-bpf/revision && $$(<.build-bpf/revision) == "$$revision" ]] || printf %s "$$revision" >.build-bpf/revision

check: lint-deps python bpf ## Before every commit, in two minutes: lint, debug build, unit tests; needs no root
	@Tests/run.sh check $(SWIFT) "$(DEBUG)" $(BIN)

test: lint-deps test-deps python build ## Every test but the long proofs: check, the real kernel (as root), deployment files
	@$(SWIFT) build $(RELEASE) --product exposition
	@Tests/run.sh test $(SWIFT) "$(DEBUG)" $(BIN)

prove: test-deps python build ## The long proofs on the real kernel, with the figures they measured (as root, minutes)
	@Tests/run.sh prove $(SWIFT) "$(DEBUG)" $(BIN)

lint: lint-deps ## Check the formatting of Swift and C, and lint shell, YAML and Python
	@Tests/lint.sh check $(SWIFT)

fmt: lint-deps ## Format the Swift and C sources
	@Tests/lint.sh fix $(SWIFT)

docs: build ## Regenerate docs/metrics.md and docs/metrics.yaml
	@$(BIN)/energyctl metrics --output markdown > docs/metrics.md
	@$(BIN)/energyctl metrics --output yaml > docs/metrics.yaml

accuracy: deps ## Measure attribution and estimate against recordings, write docs/accuracy.md (TRACES=dir CURVES=file JSON=file)
	@$(SWIFT) build $(RELEASE) --product accuracy
	@TRACES="$(TRACES)" CURVES="$(CURVES)" JSON="$(JSON)" $(BIN)/accuracy $(if $(TRACES)$(CURVES),,docs/accuracy.md)

screenshots: build ## Take the screens of energyctl top in README.md and docs/top.md anew, with pods under load (as root)
	@deploy/scripts/deps.sh crun busybox-static tmux curl
	@Tests/Screenshots/screenshots.sh $(BIN)

bench: build bench-tools ## Measure the cost of everything (BASE=dir compares with older binaries; BENCH="agent" selects)
	@$(SWIFT) build $(RELEASE) --product exposition
	@$(SWIFT) build $(RELEASE) --product bench-tick
	@$(SWIFT) build $(RELEASE) --product bench-history
	@BENCH="$(BENCH)" Tests/Bench/run.sh $(BIN) $(BASE)

bench-export: build ## Measure what a scrape costs by series, against node_exporter in the same run (ROUNDS=60)
	@deploy/scripts/deps.sh prometheus-node-exporter
	@$(SWIFT) build $(RELEASE) --product exposition
	@ROUNDS=$(or $(ROUNDS),60) Tests/Bench/export.sh $(BIN)

bench-switch: bench-tools ## Measure what a context switch costs: programs alone, then a live agent (ROUNDS=15, BASE=dir)
	@.build-bpf/switch $(BPF_OBJECT) .build-bpf/reference.bpf.o $(ROUNDS)
	@if [[ -x $(BIN)/energyd ]]; then Tests/Bench/switch.sh $(BIN) $(BASE); \
		else echo 'No live agent measured: run `make build` first'; fi

bench-latency: build bench-tools ## Measure how long deep cgroups stall the node (DEPTH=3000, BASE=dir)
	@DEPTH=$(or $(DEPTH),3000) Tests/Bench/latency.sh $(BIN) $(BASE)

bench-tools: bpf
	@$(TOOLCHAIN)clang $(BPF_FLAGS) -c Tests/Bench/reference.bpf.c -o .build-bpf/reference.bpf.o
	@for tool in switch live crowd answer latency; do $(TOOLCHAIN)clang -O2 -Wall -Wextra -Werror Tests/Bench/$$tool.c \
		-o .build-bpf/$$tool -l:libbpf.a -l:libelf.a -l:libz.a -lpthread; done

attack: build ## Flood cgroups as an unprivileged user, and measure what it does to the agent (as root; ATTACK="wide long")
	@ATTACK="$(ATTACK)" JSON="$(JSON)" Tests/Attack/attack.py $(BIN)

kernels: build ## Boot other kernels in QEMU and compare with cpu.stat (KERNELS="5.10-cloud 6.1-cloud 6.1-rt 6.12-cloud")
	@deploy/scripts/deps.sh $(KERNEL_PACKAGES) || true
	@CC=$(TOOLCHAIN)clang Tests/Kernels/run.sh $(BIN)

fuzz: deps bpf ## Search for bytes that break a reader of foreign input (RUNS=500000, TARGET="redfish pod")
	@echo "Building the fuzzer (the first time takes minutes: it builds the libraries too)"
	@$(SWIFT) build $(FUZZ) --product fuzz
	@Tests/Fuzz/run.sh .build-fuzz/release/fuzz $(or $(RUNS),500000) $(TARGET)

install: ## Install programs, systemd unit, completions and manual pages (PREFIX=/usr/local DESTDIR=); after make build
	@deploy/scripts/install.sh install $(BIN) "$(PREFIX)" "$(DESTDIR)"

uninstall: ## Remove what make install installed; settings and history stay
	@deploy/scripts/install.sh uninstall $(BIN) "$(PREFIX)" "$(DESTDIR)"

notices: build ## Collect the licences of everything that is linked into the programs
	@mkdir -p .build-notices
	@deploy/scripts/notices.sh $(SWIFT) .build/checkouts >.build-notices/THIRD-PARTY-NOTICES.txt
	@echo .build-notices/THIRD-PARTY-NOTICES.txt

deploy-check: ## Validate the image, the Kubernetes manifests and the systemd unit
	@Tests/Deploy/check.sh

deps:
	@deploy/scripts/deps.sh $(BUILD_PACKAGES)

lint-deps:
	@deploy/scripts/deps.sh $(BUILD_PACKAGES) $(LINT_PACKAGES)

test-deps:
	@deploy/scripts/deps.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)

# The tests that need them fail, with the reason, where they cannot be installed.
python:
	@Tests/python.sh || true

clean: ## Remove everything that was built
	rm -rf .build .build-*
