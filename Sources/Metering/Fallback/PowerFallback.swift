package import Attribution
package import Linux

/// What takes the place of a meter on a node without one: a model file from a node of the same CPU, or the estimate.
package struct PowerFallback: Sendable {
    /// Computes the power; nil where the configuration leaves the estimate out and names no model file.
    package var source: (any PowerSource)?
    /// Where the figures come from, in one sentence for notices and logs.
    package let summary: String
    /// Why the model file that was configured is not used; nil where it is, or where none was.
    package let modelRefusal: String?
    /// What the model file knows about each component.
    package let model: PowerModelFile?
    /// What such processors draw, as published.
    package let profile: CPUPowerProfile

    /// - Parameters:
    ///   - memoryBytes: main memory; nil where it is not known.
    ///   - estimates: whether the estimate is used at all.
    ///   - modelPath: a file of `energyctl model export`; one that is unusable is refused with the reason in
    ///     ``modelRefusal``.
    ///   - readModel: reads that file.
    package init(
        cpu: CPUModel, memoryBytes: UInt64?, estimates: Bool, modelPath: String? = nil,
        readModel: (_ path: String) throws(HostError) -> [UInt8] = PowerModelFile.read
    ) {
        let profile = CPUPowerProfile(for: cpu)
        self.profile = profile
        var model: PowerModelFile?
        var refusal: String?
        if let modelPath {
            do {
                model = try PowerModelFile.load(modelPath, cpuModel: cpu.name, read: readModel)
            } catch {
                refusal = "--power.model is not used: \(error)"
            }
        }
        self.model = model
        modelRefusal = refusal
        if let model {
            source = LearnedSource(model: model)
            summary = "power is modelled from the measurements of a node with the same CPU, not measured here"
        } else {
            source = estimates ? EstimateSource(cpu: cpu, memoryBytes: memoryBytes) : nil
            summary = "power is estimated from \(profile.basis.rawValue) (\(profile.family)), not measured"
        }
    }

    /// The fallback for the machine below these roots.
    package init(paths: HostPaths, estimates: Bool, modelPath: String?) {
        self.init(
            cpu: CPUModel(procfs: paths.procfs), memoryBytes: totalMemoryBytes(procfs: paths.procfs),
            estimates: estimates, modelPath: modelPath)
    }

    /// The model file's coefficients of a component, W by feature; nil where there are none. Features of other releases
    /// are left out.
    package func coefficients(of component: Zone.Component) -> [PowerFeatures.Feature: Double]? {
        let zone = model?.zones.first { $0.component == component.rawValue }
        guard let known = zone?.coefficients, !known.isEmpty else { return nil }
        var result: [PowerFeatures.Feature: Double] = [:]
        for feature in PowerFeatures.Feature.allCases { result[feature] = known[feature.name] }
        return result
    }
}
