import CLI
import Testing

@Suite struct SuggestionTests {
    private static let commands = ["top", "report", "doctor", "run"]

    @Test(
        arguments: [
            ("Error: Unexpected argument 'tpo'\nUsage: energyctl top", "top"),
            ("Error: Unexpected argument 'reprot'\nUsage", "report"),
            ("Error: Unexpected argument 'something-else'", nil),
            (
                """
                Error: The value 'pods' is invalid for '--group-by <rows>'. Please provide one of the following:
                  - all
                  - pod
                  - label:KEY
                Help:  - none
                """, "pod"
            ),
            ("Error: The value 'xyz' is invalid for '--by <rows>'. Please provide one of the following:\n  - pod", nil),
            ("Error: it's broken", nil), ("Error: Unexpected argument '", nil), ("", nil),
        ] as [(String, String?)])
    func whatIsNearIsSuggested(message: String, word: String?) {
        #expect(suggestion(for: message, commands: Self.commands) == word.map { "Did you mean '\($0)'?" })
    }
}
