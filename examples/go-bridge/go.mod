module github.com/exacta-stats/exacta/examples/go-bridge

go 1.26

toolchain go1.26.8
