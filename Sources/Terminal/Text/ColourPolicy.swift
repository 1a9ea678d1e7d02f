import Glibc

/// Whether to write colours.
package enum ColourPolicy {
    /// True if `descriptor` is a terminal that has colours, and no option or variable turns them off.
    ///
    /// `NO_COLOR` counts when it is there and not empty (no-color.org).
    package static func isWanted(
        isDisabled: Bool, isTerminal: Bool, environment: (String) -> String? = Environment.value
    ) -> Bool {
        !isDisabled && isTerminal && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }
}

/// The variables of this process.
package enum Environment {
    package static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
