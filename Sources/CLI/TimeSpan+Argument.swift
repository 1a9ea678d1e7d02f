internal import ArgumentParser
internal import Settings

extension TimeSpan: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(text: argument)
    }
}
