extension Setting {
    /// Settings that an engine's snapshots depend on, without those that may hold a secret or name another machine.
    fileprivate static let recorded: [Setting] =
        pathSettings + measuringSettings + [powerSources, attributesPlatform, idlePower, powerModel]
        + [kubernetes, kubernetesLabels, nameWait, memoryLimit]
}

extension ResolvedConfiguration {
    /// What a recording has of the settings: the values in force of those that snapshots depend on, so that defaults of a
    /// later version do not change them. The default power sources are left out, because a configured one that is missing
    /// is worth a notice.
    package var recorded: [(key: String, text: String)] {
        Setting.recorded.compactMap { setting in
            guard setting.key != Setting.powerSources.key || origin(of: setting) != .standard else { return nil }
            return setting.show(values).map { (setting.key, $0) }
        }
    }
}
