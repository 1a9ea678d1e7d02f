/// Which of Kepler's exporters a metric is of.
enum KeplerGeneration {
    case current, legacy
}

/// The rendered labels of a workload or process under Kepler's names, from one snapshot to the next.
struct KeplerLabels {
    struct Sets {
        let all: AttributeSet
        /// Of the CPU time.
        let ofTime: AttributeSet
        /// What they were made for.
        let isAlive: Bool
    }

    private var current: Sets?
    private var legacy: Sets?

    subscript(generation: KeplerGeneration) -> Sets? {
        get { generation == .current ? current : legacy }
        set { if generation == .current { current = newValue } else { legacy = newValue } }
    }
}
