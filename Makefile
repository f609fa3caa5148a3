# Short verbs over meson.  `make help` lists them.
#
# Each verb installs what it needs from Debian's packages when something is missing and it runs as root.

.DEFAULT_GOAL := all
.PHONY: all help deps deps-check deps-bench deps-package run check check-deep screenshots bench soak fuzz format dist deb install clean

BUILD ?= build
PREFIX ?= /usr/local
BENCH_RESULTS ?= $(BUILD)/bench-results$(if $(QUICK),-quick).json

all: $(BUILD)/build.ninja ## build everything
	@ninja -C $(BUILD)

help: ## show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## install what building and running needs
	@tools/install-packages build run

deps-check:
	@tools/install-packages build run check

deps-bench:
	@tools/install-packages build run bench

deps-package:
	@tools/install-packages build package

$(BUILD)/build.ninja: | deps
	@meson setup $(BUILD) --prefix=$(PREFIX) >/dev/null

run: $(BUILD)/build.ninja ## start both daemons and show a mirrored scene; DURATION=15 stops by itself, SCENE=none leaves out the scene
	@ninja -C $(BUILD) programs
	@BUILD=$(BUILD) tools/run

check: deps-check ## all tests, with sanitizers, by gcc and clang
	@tools/check

check-deep: deps-check ## what takes long and finds little: clang-tidy, cppcheck, ThreadSanitizer, coverage
	@tools/check deep

screenshots: all deps-check ## pictures of the console's pages, to docs/screenshots
	@TMIRROR_BUILD=$(BUILD) TMIRROR_SCREENSHOTS=docs/screenshots /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/console/test_screenshots.py

bench: all deps-bench ## measure beside the peers, a quarter of an hour; QUICK=1: one short round.  Goes on where the last run ended
	@TMIRROR_BUILD=$(BUILD) /usr/bin/python3 bench/run $(if $(QUICK),--quick) --output $(BENCH_RESULTS)
	@/usr/bin/python3 bench/report $(BENCH_RESULTS) --output $(BUILD)/bench-report

soak: all deps-bench ## DURATION seconds (600) of changes under load; accounts and leaks are settled in the end.  RESTARTS=upgrade or kill
	@TMIRROR_BUILD=$(BUILD) /usr/bin/python3 bench/soak --seconds $(or $(DURATION),600) $(if $(RESTARTS),--restarts $(RESTARTS))

fuzz: deps-check ## fuzz every parser, each for FUZZ_SECONDS (60)
	@tools/fuzz

format: deps-check ## let clang-format settle the layout
	@clang-format -i $$(git ls-files '*.c' '*.h')

dist: ## the source tarball, which builds without git
	@tools/dist $(BUILD)

deb: deps-package ## packages for Debian in build/deb, of what is committed; lintian has a look.  TESTS=1 runs the unit tests, too
	@tools/deb $(BUILD)/deb

install: all ## install under PREFIX
	@meson install -C $(BUILD) --no-rebuild

clean:
	@rm -rf $(BUILD) build-*
