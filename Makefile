# What a person runs by hand and what continuous integration runs. `go build ./...`
# and `go test ./...` need none of it.

GO ?= go
# How long each fuzz target runs in `make test`; about 4 minutes for all of them together.
FUZZTIME ?= 12s

.PHONY: build test setup lint cross fuzz bench first-answer fixtures rename

# make build: the binary in bin/, with the commit in it.
build:
	$(GO) build -buildvcs=auto -trimpath -o bin/mlapi ./cmd/mlapi

# make test: sets up what the tests need and runs everything.
# The plain run is what a fork's owner runs; it also counts memory, which the race
# detector changes.
test: setup lint cross
	$(GO) test ./...
	$(GO) test -race -tags integration -timeout 20m ./...
	scripts/fuzz.sh $(FUZZTIME)
	$(GO) run ./scripts/bench -rounds 3 -time 2s -least 0.25

setup:
	scripts/test-setup.sh

lint:
	@test -z "$$(gofmt -l .)" || { echo "error: not formatted:"; gofmt -l .; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(GO) vet -tags integration ./...
	staticcheck ./...
	staticcheck -tags integration ./...

# make cross: Linux is tested; the others must compile.
cross:
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/mlapi
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/mlapi
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/mlapi

# make fuzz FUZZTIME=10m: every fuzz target for that long.
fuzz:
	scripts/fuzz.sh $(FUZZTIME)

# make bench: single-row predictions beside a bare net/http handler.
bench:
	$(GO) run ./scripts/bench

# make first-answer: from nothing to the first answer, caches empty.
first-answer:
	scripts/first-answer.sh

# make fixtures: the model files of the tests, made by the real libraries.
fixtures:
	model/sklearn/testdata/make.sh
	model/skops/testdata/make.sh
	model/xgboost/testdata/make.sh
	model/lightgbm/testdata/make.sh

# make rename MODULE=github.com/you/yours: gives a fork its own module path.
rename:
	$(GO) run ./scripts/rename $(MODULE)
