/** Of the page's own scripts and their parts, what is used here. */
interface Props { isAuthorized?: boolean, isIncludedOptions?: object }
interface React { createElement: (component: unknown, props: Props) => unknown }
interface Schema { examples?: unknown[], type?: unknown, toJS?: () => Schema }
type SampleOf = (schema: Schema, mediaType: string | false, ...rest: unknown[]) => unknown
declare const SwaggerUIBundle: { plugins: Record<'DownloadUrl', unknown> }

/*
 * Plugins of the documentation page. They run in the browser, where each arrives as its own text: they can use nothing that
 * stands around them here.
 */

/** The one that the page has by itself; a list of one's own replaces it. */
const download = () => SwaggerUIBundle.plugins.DownloadUrl

/** A closed lock is one that credentials open. The page means it the other way round: open as long as nobody has signed in. */
const locks = () => {
  const turned = (button: unknown, { React }: { React: React }) => (props: Props) => React.createElement(button, { ...props, isAuthorized: !props.isAuthorized })
  return { wrapComponents: { authorizeBtn: turned, authorizeOperationBtn: turned } }
}

/** A field of a form that has no example begins empty, and is not sent unless its box is ticked. The page would fill in `string`, and tick. */
const blanks = () => ({
  wrapComponents: {
    ParameterIncludeEmpty: (box: unknown, { React }: { React: React }) => (props: Props) =>
      React.createElement(box, { ...props, isIncludedOptions: { ...props.isIncludedOptions, defaultValue: false } }),
  },
  afterLoad (this: { fn: { getSampleSchema: SampleOf } }) {
    const { getSampleSchema } = this.fn
    this.fn.getSampleSchema = (schema, mediaType, ...rest) => {
      const { examples, type } = schema.toJS?.() ?? schema
      if (mediaType !== false || examples !== undefined) return getSampleSchema(schema, mediaType, ...rest)
      return type === 'array' ? '[]' : ''
    }
  },
})

export const PAGE = { plugins: [download, locks, blanks] }
