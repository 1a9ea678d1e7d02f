internal import Accounting
package import Engine
internal import Ledger
internal import Linux
internal import Metering
package import Settings

extension EngineConfiguration {
    /// The values of the engine. Live sources are missing: ``withLiveSources(_:_:)`` adds them.
    package init(_ values: AgentConfiguration) {
        self.init(interval: values.interval, retention: values.retention)
        accounting = values.accounting
        paths = values.paths
        accounting.paths = values.paths
        nodeName = values.nodeName
        version = energydBuild
        carbon = values.carbon.model
        price = values.carbon.price
        power = PowerConfiguration(values.power)
        stateFile = values.stateFile
        memoryLimit = values.limits.memory << 20
        readsLogDirectories = values.names.logs
        nameWait = values.nameWait
        rollUps = values.kubernetes.source == .off ? nil : RollUpDimensions(labels: values.kubernetes.labels)
        attribution = values.attribution.method
        staticPolicy = values.attribution.staticPolicy
        powerModelPath = values.power.modelFile
        idlePower = values.power.idle
    }

    /// Throws where `/proc` is not at the configured path. All figures would be wrong then without looking wrong: one CPU,
    /// of unknown model.
    package func checkPaths() throws(AgentError) {
        do {
            _ = try ProcStat(procfs: paths.procfs)
        } catch {
            throw AgentError("\(error): point --path.procfs at the host's /proc", isConfiguration: true)
        }
    }
}

extension PowerConfiguration {
    init(_ values: PowerValues) {
        self.init()
        if let kinds = values.sources {
            sources = kinds
            isExplicit = true
        }
        attributesPlatform = values.attributesPlatform
        hostTree = values.hostTree
        // This program, which calls ``helpIfAsked()``.
        shareReader = "/proc/self/exe"
    }
}

/// The first thing that a program does: where it was started to do what may never end, such as reading the share of
/// `--power.host`, it does nothing else.
package func helpIfAsked() {
    serveShareIfAsked()
    PathProbe.serveIfAsked()
}
