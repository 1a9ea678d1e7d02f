import Accounting
import ArgumentParser
import Attribution
import CLI
import Composition
import Engine
import Impact
import Kubernetes
import Ledger
import Linux
import Metering
import Names
import TestSupport
import Testing

@testable import Settings

@Suite struct OptionsTests {
    private static let help = AgentOptions.helpMessage()

    private func arguments(_ setting: Setting, _ text: String) -> [String] {
        setting.form == .toggle
            ? [text == "off" ? "--no-\(setting.key)" : setting.flag] : ["\(setting.flag)=\(text)"]
    }

    /// Every setting has its flag, and `energyctl doctor` with it.
    @Test(arguments: samples.map(\.setting.key)) func everySettingIsAnOption(_ key: String) throws {
        let (setting, text) = try #require(samples.first { $0.setting.key == key })
        let options = try AgentOptions.parse(arguments(setting, text))
        #expect(options.assignments.map(\.setting.key) == [key])
        #expect(options.assignments.first?.text == text)
        #expect(Self.help.contains("--\(key)"))
    }

    @Test func allTogether() throws {
        let options = try AgentOptions.parse(samples.flatMap { arguments($0.setting, $0.text) } + ["--config.file=/f"])
        #expect(Set(options.assignments.map(\.setting.key)) == Set(Setting.all.map(\.key)))
        #expect(options.file.path == "/f")
    }

    @Test func aToggleCanBeSwitchedOff() throws {
        let options = try AgentOptions.parse(["--no-scheduling", "--no-power.redfish.insecure"])
        let variables = ["ENERGYD_SCHEDULING": "on", "ENERGYD_POWER_REDFISH_INSECURE": "on"]
        let resolved = try options.resolve(in: environment(variables))
        #expect(!resolved.values.accounting.tracksWaits && resolved.values.power.redfish.verifiesCertificate)
        #expect(resolved.origin(of: .tracksWaits) == .flag("--no-scheduling"))
    }

    @Test func theLastOfTwoFlagsWins() throws {
        let options = try AgentOptions.parse(["--retention", "1m", "--retention", "2m"])
        #expect(try options.resolve(in: environment()).values.retention == .seconds(120))
    }

    /// What was wrong, and not what the parser made of it.
    @Test(arguments: [
        (["--power.sources=foo"], "rapl,perf"), (["--retention", "-3"], "'-3'"),
        (["--carbon.pue", "-1"], "at least 1"),
        (["--web.socket-mode=888"], "octal"), (["--carbon.zone=Germany"], "DE"), (["--no.such=1"], "--no.such"),
        (["--power.sources="], "--power.sources"), (["--retenton=1m"], "--retention"),
    ])
    func nonsenseIsExplained(_ arguments: [String], _ word: String) {
        do {
            _ = try AgentOptions.parse(arguments)
            Issue.record("accepted")
        } catch {
            #expect(AgentOptions.message(for: error).contains(word), "\(AgentOptions.message(for: error))")
        }
    }

    @Test(arguments: [
        (["--compat.kepler"], ["--compat.kepler=current"]),
        (["--compat.kepler", "--tier=procfs"], ["--compat.kepler=current", "--tier=procfs"]),
        (["--compat.kepler", "config"], ["--compat.kepler=current", "config"]),
        (["--compat.kepler", "legacy"], ["--compat.kepler", "legacy"]),
        (["--compat.kepler=both"], ["--compat.kepler=both"]), (["--", "--compat.kepler"], ["--", "--compat.kepler"]),
    ])
    func keplersMetricsComeWithoutAValueToo(_ given: [String], _ meant: [String]) {
        #expect(withBareOptions(given) == meant)
    }

    /// `energyctl` measures and looks where the agent does.
    @Test func energyctlHasTheLayersOfTheAgent() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/energyd.conf"
        try directory.write("path.rootfs = /file\npath.procfs = /file/p\ncarbon.pue = 1.3\n", to: "energyd.conf")
        let variables = ["ENERGYD_PATH_ROOTFS": "/variable", "ENERGYD_PATH_SYSFS": "/variable/s"]
        for command in [PlaceOptions.self, EngineOptions.self] as [any ResolvableOptions.Type] {
            let options = try command.parse(["--path.rootfs=/flag/"])
            let values = try options.resolve(in: environment(variables, file: path)).values
            #expect(values.paths.rootfs == "/flag" && values.paths.logs == "/flag/var/log")
            #expect(values.paths.sysfs == "/variable/s" && values.paths.procfs == "/file/p")
            #expect(values.carbon.pue == 1.3)
            let named = try command.parse(["--config.file=none"])
            #expect(try named.resolve(in: environment(file: path)).values.paths.procfs == "/proc")
            #expect(throws: ConfigurationError.self) {
                try named.resolve(in: environment(["ENERGYD_NONSENSE": "1"]))
            }
        }
    }
}

/// From values to what the modules take.
@Suite struct CompositionTests {
    private func values(_ arguments: [String]) throws -> AgentConfiguration {
        try AgentOptions.parse(arguments).resolve(in: environment()).values
    }

    @Test func theEngineGetsAllOfIt() throws {
        let engine = EngineConfiguration(
            try values([
                "--path.procfs=/p", "--sample.interval=250ms", "--carbon.intensity=42", "--carbon.pue=1.5",
                "--node.name=n", "--processes=off", "--processes.max=3", "--cgroups.max=99", "--retention=5s",
                "--scheduling", "--counters=off", "--counters.budget=7", "--power.sources=perf,rapl",
                "--power.attribute-platform", "--power.host=/h", "--power.model=/m", "--names=docker",
                "--state.file=/s", "--attribution=cycles", "--attribution.static=equal", "--kubernetes=kubelet",
                "--kubernetes.labels=team", "--tier=procfs",
            ]))
        #expect(engine.accounting.paths.procfs == "/p" && engine.paths.procfs == "/p")
        #expect(engine.interval == .milliseconds(250) && engine.nodeName == "n")
        #expect(engine.carbon.intensity.gramsPerKilowattHour == 42 && engine.carbon.pue == 1.5)
        #expect(
            engine.accounting.processes == .off && engine.accounting.processLimit == 3
                && engine.accounting.cgroupLimit == 99)
        #expect(engine.retention == .seconds(5) && engine.accounting.tracksWaits && engine.accounting.counters == .off)
        #expect(engine.accounting.counterBudget == 7 && engine.accounting.tier == .procfs)
        #expect(engine.power.sources == [.perf, .rapl] && engine.power.isExplicit)
        #expect(engine.power.attributesPlatform && engine.power.hostTree == "/h" && engine.powerModelPath == "/m")
        #expect(!engine.readsLogDirectories && engine.stateFile == "/s")
        #expect(engine.attribution == .cycles && engine.staticPolicy == .equal && engine.rollUps?.labels == ["team"])
        let plain = EngineConfiguration(try values([]))
        #expect(plain.rollUps == nil && !plain.power.isExplicit && plain.readsLogDirectories)
        #expect(plain.carbon.intensity.source.contains("--carbon.zone"))
    }

    @Test func kubernetesGetsAllOfIt() throws {
        let configuration = try #require(
            KubernetesConfiguration(
                values([
                    "--kubernetes=api", "--kubernetes.url=https://api:6443/", "--kubernetes.token-file=/t",
                    "--kubernetes.ca-file=/c", "--kubernetes.labels=team", "--kubernetes.annotations=a",
                    "--node.name=n",
                ])))
        #expect(configuration.source == .api && configuration.url == "https://api:6443")
        #expect(configuration.nodeName == "n" && configuration.tokenFile == "/t")
        #expect(configuration.authorityFile == "/c" && configuration.labels == ["team"])
        #expect(configuration.annotations == ["a"])
        #expect(try KubernetesConfiguration(values(["--kubernetes.labels=team"])) == nil)
    }

    @Test func localNamesAreConnectedAndThePollerRuns() async throws {
        let states = try await withLiveSources(values(["--names=docker,systemd"])) {
            #expect($0.power.redfish == nil)
            return $0.names?.states.map(\.name)
        }
        #expect(states == ["docker", "systemd"])
    }
}
