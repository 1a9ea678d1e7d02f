package import Units

/// Hands `total` out in proportion to `weights`, in whole microjoules and without losing one.
///
/// The share of the first `k` weights together is `total * sum(first k) / sum(all)`, rounded down, and each single
/// share is the step between two of those. So the shares add up to `total` exactly and each is less than 1 uJ from
/// its true value, in one pass and without sorting. Where all weights are zero nothing is handed out.
///
/// - Parameters:
///   - weights: any unit; their sum must fit 64 bits.
///   - shares: receives one share per weight, in uJ; its old content is dropped, its storage reused.
/// - Returns: what was handed out: `total`, or zero.
/// - Complexity: O(weights).
package func apportion(_ total: Microjoules, by weights: [UInt64], into shares: inout [UInt64]) -> Microjoules {
    shares.removeAll(keepingCapacity: true)
    // Saturating keeps the promise to add up even for weights that no clock could produce.
    let sum = weights.reduce(UInt64(0)) { $0.saturatingPlus($1) }
    guard sum > 0 else {
        shares.append(contentsOf: repeatElement(0, count: weights.count))
        return .zero
    }
    var cumulative: UInt64 = 0
    var handedOut: UInt64 = 0
    for weight in weights {
        cumulative = cumulative.saturatingPlus(weight)
        let upToHere = scale(total.count, by: cumulative, over: sum)
        shares.append(upToHere - handedOut)
        handedOut = upToHere
    }
    return Microjoules(handedOut)
}

/// `value * part / whole`, rounded down, in 128-bit arithmetic. `part` must not exceed `whole`, which is not zero.
package func scale(_ value: UInt64, by part: UInt64, over whole: UInt64) -> UInt64 {
    whole.dividingFullWidth(value.multipliedFullWidth(by: part)).quotient
}
