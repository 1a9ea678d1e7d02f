/// Joins the layers: flags win over the environment, the environment wins over the file, the file over the defaults.
package enum Layers {
    package static let fileKey = "config.file"
    /// Names the file where the flag does not.
    package static let fileVariable = Setting.variable(fileKey)

    /// What is in force.
    ///
    /// - Parameters:
    ///   - flags: of the command line, each setting once.
    ///   - file: the flag `--config.file`.
    /// - Throws: the first thing that is wrong, in whatever layer: also where a higher layer would win over it.
    package static func resolve(
        flags: [Assignment], file: String? = nil, in environment: HostEnvironment
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        let path = path(file, environment)
        var layers = try path.map { (path) throws(ConfigurationError) in try ConfigurationFile.read(path) } ?? []
        let openTelemetry = OpenTelemetryLayer(environment)
        layers += openTelemetry.assignments
        layers += try EnvironmentLayer.read(environment)
        layers += flags
        var scratch = AgentConfiguration()
        for assignment in layers { try assignment.apply(to: &scratch) }

        var resolved = ResolvedConfiguration(file: path)
        for assignment in try winners(layers) { try resolved.take(assignment, over: layers) }
        resolved.derive(from: environment)
        try resolved.check()
        if openTelemetry.namesEndpoint || resolved.values.otlp.endpoint != nil {
            resolved.remarks = openTelemetry.remarks
        }
        if resolved.values.otlp.keyFile != nil, resolved.values.otlp.certificateFile == nil {
            let origin = resolved.origin(of: .otlpKey)
            resolved.remarks.append(
                Remark(
                    "\(origin.subject(.otlpKey)) is not used: there is no certificate that the key belongs to",
                    remedy: "set --otlp.client-certificate"))
        }
        return resolved
    }

    /// What was in force when a recording was made, with flags above it.
    ///
    /// - Parameters:
    ///   - recorded: settings and their texts; what this version does not know is left out.
    ///   - flags: of the command line, each setting once.
    package static func replay(
        recorded: [(key: String, text: String)], flags: [Assignment]
    ) throws(ConfigurationError) -> AgentConfiguration {
        let base = recorded.compactMap { entry in
            Setting.named(entry.key).map { Assignment($0, entry.text, from: .recording) }
        }
        var values = AgentConfiguration()
        for assignment in try winners(base + flags) { try assignment.apply(to: &values) }
        return values
    }

    /// The file to read; nil for none.
    private static func path(_ flag: String?, _ environment: HostEnvironment) -> String? {
        let named = flag ?? environment.variable(fileVariable)
        return named == "none" ? nil : named ?? environment.configurationFile
    }

    /// The highest assignment of every setting, without those that a higher alternative excludes.
    private static func winners(_ layers: [Assignment]) throws(ConfigurationError) -> [Assignment] {
        var winners: [String: Assignment] = [:]
        for assignment in layers { winners[assignment.setting.key] = assignment }
        for alternatives in Setting.alternatives {
            let given = alternatives.compactMap { winners[$0.key] }.sorted { $0.origin.rank > $1.origin.rank }
            guard let first = given.first else { continue }
            for other in given.dropFirst() {
                guard other.origin.rank < first.origin.rank else {
                    throw ConfigurationError(
                        "\(first.origin.subject(first.setting)) and \(other.origin.subject(other.setting)) cannot be "
                            + "combined: remove one of the two")
                }
                winners[other.setting.key] = nil
            }
        }
        return Setting.all.compactMap { winners[$0.key] }
    }
}
