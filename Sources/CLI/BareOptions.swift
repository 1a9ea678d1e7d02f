internal import Settings

/// Gives options that may come without a value the one that they then have: `--compat.kepler` is
/// `--compat.kepler=current`. The parser of command lines has no such options.
package func withBareOptions(_ arguments: [String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments.indices.map { index in
        guard index < end, arguments[index] == Setting.kepler.flag else { return arguments[index] }
        let hasValue = index + 1 < end && (try? Setting.kepler.check(arguments[index + 1])) != nil
        return hasValue ? arguments[index] : arguments[index] + "=current"
    }
}
