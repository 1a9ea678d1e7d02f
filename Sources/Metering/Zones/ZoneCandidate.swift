internal import Attribution
internal import Units

/// What one source has to offer in a window.
struct ZoneCandidate {
    /// Its rank in the order of preference.
    let source: Int
    /// The zones that it has, whether or not they can be read.
    var zones: [ZoneID]
    var readings: [ZoneReading]
}

/// The readings of a window that make up the node.
struct ZoneSelection {
    /// Packages and memory, and what no other zone covers: they do not overlap.
    var parts: [ZoneReading] = []
    /// The whole node, where there is a meter of it; it contains the parts.
    var node: ZoneReading?
    /// What counters showed for a time that others accounted for, beyond what these gave: in no total. By source.
    var lost: [(source: Int, zone: ZoneID, energy: Microjoules)] = []
    /// True where the parts are computed and not metered.
    var isEstimate = false
}
