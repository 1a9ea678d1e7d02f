extension UInt64 {
    /// The sum, or the highest number there is: figures from outside may be anything, and no sum of them may end the
    /// agent.
    func saturatingPlus(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
