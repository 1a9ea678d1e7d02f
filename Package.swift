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
        .systemLibrary(name: "CLibbpf", providers: [.apt(["libbpf-dev", "libelf-dev", "zlib1g-dev"])]),
        .target(name: "CEnergyBPF"),
        .target(name: "CLinux"),
        .target(
            name: "BPF",
            dependencies: ["CLibbpf", "CLinux", "Host"],
            linkerSettings: [
                // The archives by name: `-lbpf` would pick the shared libraries.
                .linkedLibrary(":libbpf.a"), .linkedLibrary(":libelf.a"), .linkedLibrary(":libz.a"),
            ]),
        .target(name: "Energy"),
        .target(name: "Host", dependencies: ["CLinux", "Energy", "Workloads"]),
        .target(name: "PowerSources", dependencies: ["CLinux", "Energy", "Host"]),
        .target(
            name: "PowerSourcesHTTP",
            dependencies: [
                "Energy", "Host", "PowerSources",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(name: "Simulation", dependencies: ["Host"]),
        .target(name: "Workloads"),
        .target(
            name: "Names",
            dependencies: [
                "Host", "Workloads", .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ]),
        .target(
            name: "Kubernetes",
            dependencies: [
                "Host", "Names", "Workloads",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(name: "Carbon", dependencies: ["Energy"]),
        .target(name: "Telemetry"),
        .target(
            name: "Engine",
            dependencies: [
                "BPF", "CEnergyBPF", "Carbon", "Energy", "Host", "Names", "PowerSources", "Telemetry", "Workloads",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ]),
        .target(
            name: "Agent",
            dependencies: [
                "Carbon", "Energy", "Engine", "Host", "Kubernetes", "Names", "PowerSources", "PowerSourcesHTTP",
                "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .target(name: "Terminal", dependencies: ["Telemetry"]),
        .executableTarget(
            name: "energyd",
            dependencies: [
                "Agent", "Energy", "Engine", "Host",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "energyctl",
            dependencies: [
                "Agent", "Energy", "Engine", "Host", "Names", "Simulation", "Telemetry", "Terminal", "Workloads",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),

        .target(name: "TestSupport", path: "Tests/TestSupport"),
        // `make accuracy`: not shipped.
        .executableTarget(
            name: "accuracy", dependencies: ["Energy", "Host", "TestSupport"], path: "Tests/Accuracy"),
        .testTarget(name: "EnergyTests", dependencies: ["Energy", "TestSupport"]),
        .testTarget(name: "HostTests", dependencies: ["Energy", "Host", "TestSupport", "Workloads"]),
        .testTarget(name: "PowerSourcesTests", dependencies: ["Energy", "Host", "PowerSources", "TestSupport"]),
        .testTarget(
            name: "PowerSourcesHTTPTests",
            dependencies: ["Energy", "PowerSources", "PowerSourcesHTTP", "TestSupport"],
            exclude: ["bmc.py"]),
        .testTarget(name: "SimulationTests", dependencies: ["Host", "Simulation", "TestSupport"]),
        .testTarget(name: "WorkloadsTests", dependencies: ["TestSupport", "Workloads"]),
        .testTarget(name: "NamesTests", dependencies: ["Host", "Names", "TestSupport", "Workloads"]),
        .testTarget(
            name: "KubernetesTests",
            dependencies: [
                "Host", "Kubernetes", "Names", "TestSupport", "Workloads",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["apiserver.py"]),
        .testTarget(name: "CarbonTests", dependencies: ["Carbon", "Energy"]),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry"]),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "BPF", "CEnergyBPF", "Energy", "Engine", "Host", "Names", "PowerSources", "Telemetry", "TestSupport",
                "Workloads",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "Carbon", "Engine", "Host", "Kubernetes", "Names", "PowerSources", "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "TerminalTests", dependencies: ["Telemetry", "Terminal", "TestSupport"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["BPF", "Engine", "Host", "Simulation", "Telemetry", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c2x
)

for target in package.targets where target.type != .system {
    guard !["CEnergyBPF", "CLinux"].contains(target.name) else { continue }
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
