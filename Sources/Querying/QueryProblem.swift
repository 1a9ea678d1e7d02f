/// Why a query of a client cannot be answered, in the three parts of every error: what, why, and what to do.
package struct QueryProblem: Error, Equatable {
    /// The name of the parameter, as the client wrote it.
    package var parameter: String
    /// What is wrong with its value.
    package var cause: String
    /// What to send instead.
    package var remedy: String

    package init(_ parameter: String, _ cause: String, remedy: String) {
        self.parameter = parameter
        self.cause = cause
        self.remedy = remedy
    }
}
