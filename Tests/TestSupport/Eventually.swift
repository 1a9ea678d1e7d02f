import Glibc

/// Waits until a condition holds and returns whether it did before the deadline.
///
/// For tests whose subject is a real process or the real kernel. A fixed sleep is too short on a busy machine and too
/// long on an idle one.
///
/// - Parameters:
///   - seconds: the deadline, long enough for a machine under load: a test that passes does not reach it.
///   - interval: the pause between two looks, s.
@discardableResult
package func eventually(
    within seconds: Double = 60, every interval: Double = 0.02, _ condition: () throws -> Bool
) rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while true {
        if try condition() { return true }
        if clock.now >= deadline { return false }
        usleep(UInt32(interval * 1e6))
    }
}

/// Waits until there is a value and returns it.
///
/// - Parameter what: completes the sentence "gave up waiting for ..." of the error.
/// - Throws: a ``Failure`` after `seconds`, and what `value` throws.
package func waitFor<Value>(
    _ what: String, within seconds: Double = 60, every interval: Double = 0.02, _ value: () throws -> Value?
) throws -> Value {
    var found: Value?
    try eventually(within: seconds, every: interval) {
        found = try value()
        return found != nil
    }
    guard let found else { throw Failure("gave up waiting for \(what) after \(seconds) s") }
    return found
}
