import Accounting
import ArgumentParser
import Engine
import Glibc
import Impact
import Kubernetes
import Linux
import Logging
import Metering
import Names
import Telemetry
import Testing

@testable import Agent

@Suite struct ListenAddressTests {
    @Test func acceptsTheUsualForms() {
        #expect(ListenAddress(argument: "127.0.0.1:9464")?.host == "127.0.0.1")
        #expect(ListenAddress(argument: ":9464")?.isEveryInterface == true)
        #expect(ListenAddress(argument: "[::1]:80")?.host == "::1")
        #expect(ListenAddress(argument: "node:0")?.port == 0)
    }

    @Test(arguments: ["", "9464", "host", "host:", "host:99999", "::1:80", "host:-1", "host:http"])
    func refusesTheRest(_ text: String) {
        #expect(ListenAddress(argument: text) == nil)
    }
}

@Suite struct TimeSpanTests {
    @Test(arguments: [("1s", 1000), ("500ms", 500), ("10m", 600_000), ("2", 2000), ("0.25s", 250), ("1h", 3_600_000)])
    func readsUnits(_ text: String, _ milliseconds: Int) {
        #expect(TimeSpan(argument: text)?.duration == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "1x", "-1s", "nan", "infs", "1e300h"])
    func refusesTheRest(_ text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }
}

@Suite struct EngineOptionsTests {
    @Test func defaultsAreThoseOfABareHost() throws {
        let configuration = try EngineOptions.parse([]).configuration
        #expect(configuration.interval == .seconds(1))
        #expect(configuration.paths.cgroupfs == "/sys/fs/cgroup")
        #expect(configuration.carbon.intensity.source.contains("--carbon.zone"))
    }

    @Test func everyOptionArrives() throws {
        let configuration = try EngineOptions.parse([
            "--path.procfs=/p", "--path.sysfs", "/s", "--path.cgroupfs=/c", "--sample.interval=250ms",
            "--carbon.intensity=42", "--carbon.pue=1.5", "--node.name=n", "--processes=off", "--retention=5s",
            "--tier=procfs", "--power.sources=perf,rapl", "--power.attribute-platform", "--power.host=/h",
            "--path.devfs=/d",
            "--path.rootfs=/r/", "--names=docker,systemd",
        ]).configuration
        #expect(configuration.paths.procfs == "/p" && configuration.paths.sysfs == "/s")
        #expect(configuration.paths.cgroupfs == "/c")
        #expect(configuration.interval == .milliseconds(250))
        #expect(configuration.carbon.intensity.gramsPerKilowattHour == 42 && configuration.carbon.pue == 1.5)
        #expect(configuration.nodeName == "n" && configuration.processes == .off && configuration.tier == .procfs)
        #expect(configuration.retention == .seconds(5))
        #expect(configuration.power.sources == [.perf, .rapl] && configuration.power.isExplicit)
        #expect(configuration.power.attributesPlatform && configuration.power.hostTree == "/h")
        #expect(configuration.paths.devfs == "/d")
        #expect(configuration.paths.rootfs == "/r" && configuration.paths.logs == "/r/var/log")
        #expect(!configuration.readsLogDirectories)
        #expect(configuration.names?.states.map(\.name) == ["docker", "systemd"])
    }

    @Test(arguments: [
        ["--sample.interval=10ms"], ["--sample.interval=2h"], ["--sample.interval=soon"], ["--carbon.zone=Atlantis"],
        ["--carbon.intensity=-1"], ["--carbon.intensity=nan"], ["--carbon.zone=DE", "--carbon.intensity=3"],
        ["--carbon.pue=0.9"], ["--carbon.pue=nan"], ["--processes=maybe"], ["--processes.max=0"], ["--no.such=1"],
        ["--tier=A"], ["--power.sources=rapl,nothing"], ["--power.sources=rapl,rapl"], ["--power.sources="],
        ["--power.redfish.url=bmc"], ["--power.redfish.url=http://bmc.example.com"], ["--power.redfish.interval=10ms"],
        ["--names=docker,dokcer"], ["--names="],
    ])
    func nonsenseIsRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try EngineOptions.parse(arguments) }
    }

    @Test func aPasswordIsSentInClearOnlyWhereThatIsWanted() throws {
        for url in ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80", "https://bmc"] {
            #expect(throws: Never.self) { try EngineOptions.parse(["--power.redfish.url=\(url)"]) }
        }
        let lookalikes = [
            "http://127.0.0.1.example.com", "http://localhost.example.com", "http://127.1", "http://[::2]",
        ]
        for url in lookalikes {
            #expect(throws: (any Error).self) { try EngineOptions.parse(["--power.redfish.url=\(url)"]) }
            #expect(throws: Never.self) {
                try EngineOptions.parse(["--power.redfish.url=\(url)", "--power.redfish.allow-http"])
            }
        }
    }

    @Test func aTypoInTheCountryIsMetWithTheNearestOnes() {
        do {
            _ = try EngineOptions.parse(["--carbon.zone=Germany"])
            Issue.record("accepted")
        } catch {
            #expect(EngineOptions.message(for: error).contains("DE"))
        }
    }
}

@Suite struct AgentOptionsTests {
    @Test func everyOptionArrives() throws {
        let options = try AgentOptions.parse([
            "--state.file=/s", "--kubernetes=kubelet", "--kubernetes.labels=team", "--web.listen-address=:1",
            "--web.socket=none",
            "--web.socket-mode=0660", "--log.level=debug", "--carbon.zone=DE",
        ])
        #expect(options.configuration.stateFile == "/s" && options.configuration.rollUps?.labels == ["team"])
        #expect(options.web.listen?.port == 1 && options.web.socketPath == nil && options.web.socketMode == 0o660)
        #expect(options.logLevel == .debug)
    }

    /// What was wrong, and not what the parser made of it.
    @Test(arguments: [
        (["--power.sources=foo"], "rapl,perf"), (["--retention", "-3"], "'-3'"),
        (["--carbon.pue", "-1"], "at least 1"),
        (["--web.socket-mode=888"], "octal"), (["--web.socket-mode=0066"], "octal"),
    ])
    func nonsenseIsExplained(_ arguments: [String], _ word: String) {
        do {
            _ = try AgentOptions.parse(arguments)
            Issue.record("accepted")
        } catch {
            #expect(AgentOptions.message(for: error).contains(word), "\(AgentOptions.message(for: error))")
        }
    }
}

@Suite struct KubernetesOptionsTests {
    @Test func everyOptionArrives() throws {
        let options = try KubernetesOptions.parse([
            "--kubernetes=api", "--kubernetes.url=https://api:6443/", "--kubernetes.token-file=/t",
            "--kubernetes.ca-file=/c", "--kubernetes.labels=team,app.kubernetes.io/name", "--kubernetes.annotations=a",
        ])
        let configuration = try #require(options.configuration(nodeName: "n"))
        #expect(configuration.url == "https://api:6443" && configuration.nodeName == "n")
        #expect(configuration.tokenFile == "/t" && configuration.authorityFile == "/c")
        #expect(configuration.labels == ["team", "app.kubernetes.io/name"] && configuration.annotations == ["a"])
        #expect(options.rollUps?.labels == configuration.labels)
        let off = try KubernetesOptions.parse(["--kubernetes.labels=team"])
        #expect(off.configuration(nodeName: "n") == nil && off.rollUps == nil)
    }

    /// In a pod without the host's network the loopback address is not the kubelet's.
    @Test func theKubeletIsAtTheNodesAddress() throws {
        func url() throws -> String? {
            try KubernetesOptions.parse(["--kubernetes=kubelet"]).configuration(nodeName: "n")?.url
        }
        #expect(try url() == "https://127.0.0.1:10250")
        defer { unsetenv("NODE_IP") }
        for (address, expected) in [("10.0.0.7", "10.0.0.7"), ("fd00::7", "[fd00::7]"), ("", "127.0.0.1")] {
            setenv("NODE_IP", address, 1)
            #expect(try url() == "https://\(expected):10250")
        }
    }

    @Test(arguments: [
        ["--kubernetes=api"], ["--kubernetes=on"], ["--kubernetes.url=http://api"], ["--kubernetes.labels=a b"],
        ["--kubernetes.labels=a.b,a-b"], ["--kubernetes.labels=a,,b"],
    ])
    func nonsenseIsRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try KubernetesOptions.parse(arguments) }
    }
}

@Suite struct MetricOptionsTests {
    @Test func levelsAreChosen() throws {
        let options = try MetricOptions.parse(["--metrics.level=node,namespace,pod", "--metrics.processes=7"])
        #expect(options.selection.levels == [.node, .namespace, .pod] && options.selection.processLimit == 7)
        #expect(try MetricOptions.parse([]).selection == MetricSelection())
    }

    @Test(arguments: [["--metrics.level=pods"], ["--metrics.level="], ["--metrics.processes=-1"]])
    func nonsenseIsRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try MetricOptions.parse(arguments) }
    }
}

@Suite struct LogOutputTests {
    private func line(_ message: String, _ fields: [(String, String)], _ format: LogFormat) -> String {
        LogOutput.line(time: "T", level: .info, message: message, fields: fields, format: format)
    }

    @Test func textIsForPeople() {
        #expect(line("it works", [("a", "1"), ("b", "x y")], .text) == "T info it works a=1 b=\"x y\"\n")
    }

    @Test func jsonIsForMachines() {
        #expect(
            line("a\"b", [("k", "\u{1}")], .json) == #"{"time":"T","level":"info","message":"a\"b","k":"\u0001"}"#
                + "\n")
    }

    @Test(arguments: LogFormat.allCases) func nobodyForgesALine(_ format: LogFormat) {
        #expect(line("a\nT critical forged", [("k", "v\nx")], format).count { $0 == "\n" } == 1)
    }
}
