// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "energyd",
    products: [
        .executable(name: "energyd", targets: ["energyd"]),
        .executable(name: "energyctl", targets: ["energyctl"]),
    ],
    dependencies: [
        // `traits: []` keeps full Foundation out: it costs 44 MB of binary and 9 MB of memory.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        // A target depends only on targets above it; docs/architecture.md lists them in the same order.
        .target(name: "Units"),
        .target(name: "Formatting"),
        .target(name: "CLinux"),
        .target(name: "Linux", dependencies: ["CLinux", "Formatting"]),
        .systemLibrary(name: "CLibbpf", providers: [.apt(["libbpf-dev", "libelf-dev", "zlib1g-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "Compression", dependencies: ["CZlib"], linkerSettings: [.linkedLibrary(":libz.a")]),
        .target(name: "CEnergyBPF"),
        .target(
            name: "BPF",
            dependencies: ["CLibbpf", "CLinux", "Linux"],
            linkerSettings: [
                // The archives by name: `-lbpf` would pick the shared libraries.
                .linkedLibrary(":libbpf.a"), .linkedLibrary(":libelf.a"), .linkedLibrary(":libz.a"),
            ]),
        .target(name: "Workloads", dependencies: ["Linux"]),
        .target(
            name: "Accounting",
            dependencies: [
                "BPF", "CEnergyBPF", "Linux", "Units", "Workloads", .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "Attribution", dependencies: ["Units"]),
        .target(
            name: "Metering",
            dependencies: [
                "Attribution", "CLinux", "Linux", "Units", .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Fetching",
            dependencies: [
                "Compression", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(
            name: "MeteringHTTP",
            dependencies: [
                "Attribution", "Fetching", "Linux", "Units", "Metering",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "Names",
            dependencies: [
                "Formatting", "Linux", "Workloads",
            ]),
        .target(
            name: "Kubernetes",
            dependencies: [
                "Fetching", "Linux", "Names", "Workloads",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .target(name: "Impact", dependencies: ["Attribution", "Units"]),
        .target(
            name: "Ledger",
            dependencies: [
                "Accounting", "Attribution", "Impact", "Linux", "Units", "Workloads",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "Snapshot", dependencies: ["Formatting"]),
        // What was used, minute by minute and hour by hour, in a file.
        .target(
            name: "History", dependencies: ["CSQLite", "Formatting", "Linux", "Snapshot"],
            linkerSettings: [.linkedLibrary(":libsqlite3.a"), .linkedLibrary("m")]),
        .target(name: "Querying", dependencies: ["Formatting", "Snapshot"]),
        .target(name: "Telemetry", dependencies: ["Formatting", "Snapshot"]),
        .target(name: "Terminal", dependencies: ["Formatting", "History", "Linux", "Telemetry", "Snapshot"]),
        .target(name: "Reporting", dependencies: ["Formatting", "History", "Snapshot", "Terminal"]),
        .target(name: "Runs", dependencies: ["Formatting", "Snapshot", "Terminal"]),
        // Values and layers of the configuration. (A dependency has a module "Configuration" already.)
        .target(
            name: "Settings",
            dependencies: [
                "Accounting", "Attribution", "Formatting", "Impact", "Linux", "Metering", "Names", "Telemetry",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "CLI",
            dependencies: [
                "Formatting", "Linux", "Settings", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(
            name: "Engine",
            dependencies: [
                "Accounting", "Attribution", "Impact", "Ledger", "Linux", "Metering", "Names", "Snapshot",
                "Units", "Workloads",
                .product(name: "Logging", package: "swift-log"),
            ]),
        // What an engine took in, in a file; and an engine that takes it in again.
        .target(
            name: "Recording",
            dependencies: [
                "Accounting", "Attribution", "Compression", "Engine", "Ledger", "Linux", "Metering", "Names", "Units",
                "Workloads",
            ]),
        .target(
            name: "Pushing",
            dependencies: [
                "Compression", "Engine", "Fetching", "Linux", "Snapshot", "Telemetry",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "Diagnostics",
            dependencies: [
                "Accounting", "Attribution", "Impact", "Kubernetes", "Linux", "Metering", "Names", "Settings",
                "Snapshot",
                "Units",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .target(
            name: "Simulation",
            dependencies: [
                "Accounting", "Attribution", "Engine", "Linux", "Metering", "Names", "Recording", "Units",
            ]),
        .target(
            name: "Composition",
            dependencies: [
                "Accounting", "Attribution", "Engine", "History", "Impact", "Kubernetes", "Ledger", "Linux",
                "Metering", "MeteringHTTP", "Names", "Pushing", "Recording", "Settings", "Telemetry", "Units",
                "Workloads",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Agent",
            dependencies: [
                "CCrypt", "Composition", "Compression", "Diagnostics", "Engine", "Formatting", "History", "Kubernetes",
                "Linux", "Names", "Pushing", "Querying", "Settings", "Snapshot", "Telemetry", "Workloads",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            linkerSettings: [.linkedLibrary(":libcrypt.a")]),
        .executableTarget(
            name: "energyd",
            dependencies: [
                "Agent", "CLI", "Composition", "Engine", "History", "Kubernetes", "Linux", "Pushing", "Settings",
                "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        // Without Agent: a command line needs no HTTP server.
        .executableTarget(
            name: "energyctl",
            dependencies: [
                "Attribution", "CLI", "Composition", "Compression", "Diagnostics", "Engine", "Fetching", "Formatting",
                "History",
                "Impact", "Kubernetes", "Linux", "Metering", "Names", "Recording", "Reporting", "Runs",
                "Settings", "Simulation", "Snapshot", "Telemetry", "Terminal", "Workloads",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        .target(
            name: "TestSupport", dependencies: ["Linux", .product(name: "Logging", package: "swift-log")],
            path: "Tests/TestSupport"),
        // Apart from TestSupport: release builds, as those of the benchmarks, have no module Testing.
        .target(name: "GoldenSupport", dependencies: ["TestSupport"], path: "Tests/GoldenSupport"),
        .target(
            name: "MeteringTestSupport", dependencies: ["Attribution", "Linux", "Metering", "TestSupport", "Units"],
            path: "Tests/MeteringTestSupport"),
        .target(name: "AccountingTestSupport", dependencies: ["Accounting"], path: "Tests/AccountingTestSupport"),
        .target(
            name: "SnapshotSamples", dependencies: ["Formatting", "Snapshot", "Telemetry"],
            path: "Tests/SnapshotSamples"),
        // `make bench`: not shipped.
        .executableTarget(
            name: "exposition", dependencies: ["Formatting", "Snapshot", "Telemetry"], path: "Tests/Bench/Exposition"),
        .executableTarget(
            name: "bench-tick",
            dependencies: [
                "Accounting", "AccountingTestSupport", "Composition", "Engine", "Linux", "Snapshot",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Bench/Tick"),
        .executableTarget(name: "bench-history", dependencies: ["History", "Snapshot"], path: "Tests/Bench/History"),
        // `make accuracy`: not shipped.
        // Killed by a proof: not shipped.
        .executableTarget(name: "history-writer", dependencies: ["History"], path: "Tests/HistoryWriter"),
        .executableTarget(
            name: "accuracy", dependencies: ["Attribution", "Linux", "Units", "TestSupport"], path: "Tests/Accuracy"),
        // `make fuzz`: not shipped. The program finds libFuzzer only where it is linked with it.
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Accounting", "Attribution", "CEnergyBPF", "Compression", "Fetching", "Kubernetes", "Ledger", "Linux",
                "Metering", "MeteringHTTP", "Names", "Pushing", "Querying", "Recording", "Reporting", "Settings",
                "Snapshot",
                "SnapshotSamples", "Telemetry",
                "Terminal", "Units", "Workloads",
            ],
            path: "Tests/Fuzz/Targets"),
        .executableTarget(name: "fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/Fuzz/Program"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"]),
        .testTarget(name: "UnitsTests", dependencies: ["Units"]),
        .testTarget(name: "AttributionTests", dependencies: ["Attribution", "Units", "TestSupport"]),
        .testTarget(name: "LinuxTests", dependencies: ["Attribution", "Linux", "Units", "TestSupport", "Workloads"]),
        .testTarget(
            name: "MeteringTests",
            dependencies: [
                "Attribution", "Linux", "Units", "Metering", "MeteringTestSupport", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "FetchingTests",
            dependencies: ["Fetching", "TestSupport", .product(name: "NIOCore", package: "swift-nio")]),
        .testTarget(
            name: "PushingTests",
            dependencies: [
                "Compression", "Engine", "Linux", "Pushing", "Snapshot", "SnapshotSamples", "Telemetry", "TestSupport",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], exclude: ["collector.py", "decode.py"]),
        .testTarget(name: "ReportingTests", dependencies: ["History", "Reporting", "Terminal", "TestSupport"]),
        .testTarget(
            name: "HistoryTests", dependencies: ["History", "Snapshot", "SnapshotSamples", "TestSupport"]),
        .testTarget(
            name: "SnapshotTests", dependencies: ["Formatting", "Snapshot", "SnapshotSamples", "TestSupport"]),
        .testTarget(
            name: "QueryingTests", dependencies: ["Formatting", "Querying", "Snapshot", "SnapshotSamples"]),
        .testTarget(
            name: "RunsTests", dependencies: ["Formatting", "Runs", "Snapshot", "SnapshotSamples", "TestSupport"]),
        .testTarget(name: "CompressionTests", dependencies: ["Compression", "TestSupport"]),
        .testTarget(
            name: "MeteringHTTPTests",
            dependencies: ["Attribution", "Linux", "Units", "Metering", "MeteringHTTP", "TestSupport"],
            exclude: ["bmc.py"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Accounting", "Attribution", "Linux", "Recording", "Simulation", "TestSupport", "Units"]),
        .testTarget(name: "WorkloadsTests", dependencies: ["TestSupport", "Workloads"]),
        .testTarget(
            name: "NamesTests",
            dependencies: [
                "Linux", "Names", "TestSupport", "Workloads",
            ]),
        .testTarget(
            name: "KubernetesTests", dependencies: ["Kubernetes", "Names", "TestSupport"]),
        .testTarget(name: "ImpactTests", dependencies: ["Impact", "Attribution", "Units"]),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["Formatting", "GoldenSupport", "Telemetry", "Snapshot", "SnapshotSamples", "TestSupport"],
            exclude: ["Golden", "parse.py", "registry.py"]),
        .testTarget(name: "FormattingTests", dependencies: ["Formatting", "TestSupport"]),
        .testTarget(
            name: "AccountingTests",
            dependencies: ["Accounting", "AccountingTestSupport", "BPF", "CEnergyBPF", "Linux", "TestSupport"]),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Accounting", "Attribution", "Impact", "Ledger", "TestSupport", "Units", "Workloads"]),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Accounting", "AccountingTestSupport", "Attribution", "Composition", "Engine", "GoldenSupport",
                "History",
                "Impact",
                "Ledger", "Linux", "Metering", "MeteringTestSupport", "Names", "Recording", "Simulation", "Snapshot",
                "SnapshotSamples",
                "Telemetry", "Terminal", "TestSupport", "Units", "Workloads",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "RecordingTests",
            dependencies: [
                "Accounting", "Attribution", "Engine", "Linux", "Metering", "Names", "Recording", "TestSupport",
                "Units",
                "Workloads",
            ]),
        .testTarget(
            name: "DiagnosticsTests",
            dependencies: ["Diagnostics", "Linux", "Settings", "Snapshot", "SnapshotSamples", "TestSupport"]),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "Accounting", "Attribution", "CLI", "Composition", "Engine", "Impact", "Kubernetes", "Ledger", "Linux",
                "Metering",
                "Names", "Settings", "Telemetry", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "Compression", "Engine", "Formatting", "History", "Querying", "Settings", "Snapshot",
                "SnapshotSamples",
                "Telemetry", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "TerminalTests",
            dependencies: [
                "GoldenSupport", "History", "Telemetry", "Snapshot", "SnapshotSamples", "Terminal", "TestSupport",
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Accounting", "Attribution", "BPF", "Diagnostics", "Engine", "History", "Kubernetes", "Linux",
                "Metering", "Names",
                "Reporting", "Simulation", "Snapshot", "Telemetry", "TestSupport", "Units", "Workloads",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["abuse.py", "apiserver.py", "describe.py", "targets.py"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c2x
)

for target in package.targets where target.type != .system {
    guard !["CEnergyBPF", "CFuzzer", "CLinux"].contains(target.name) else { continue }
    var settings = target.swiftSettings ?? []
    settings += [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    if target.name == "BPF" {
        settings.append(.strictMemorySafety())
    }
    target.swiftSettings = settings
}
