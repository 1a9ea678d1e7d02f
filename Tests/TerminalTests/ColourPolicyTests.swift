import Terminal
import Testing

@Suite struct ColourPolicyTests {
    @Test(arguments: [
        (false, true, [:], true), (true, true, [:], false), (false, false, [:], false),
        (false, true, ["NO_COLOR": "1"], false), (false, true, ["NO_COLOR": ""], true),
        (false, true, ["TERM": "dumb"], false), (false, true, ["TERM": "xterm"], true),
    ])
    func decides(isDisabled: Bool, isTerminal: Bool, environment: [String: String], isWanted: Bool) {
        #expect(
            ColourPolicy.isWanted(isDisabled: isDisabled, isTerminal: isTerminal) { environment[$0] } == isWanted)
    }
}
