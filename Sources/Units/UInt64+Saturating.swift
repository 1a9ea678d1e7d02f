extension UInt64 {
    /// The sum, or `UInt64.max` where it does not fit. Figures read from outside can be anything, and an overflow must
    /// not end the agent.
    package func saturatingPlus(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
