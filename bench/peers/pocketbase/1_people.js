/// What PocketBase runs before it serves: its own collection of users, with the three fields, and everybody's token.
migrate((app) => {
  const settings = app.settings()
  // Warnings, as the service logs.
  settings.logs.minLevel = 4
  app.save(settings)

  // Without one, it opens a browser to ask for one.
  const operator = new Record(app.findCollectionByNameOrId('_superusers'), { email: 'operator@example.com' })
  operator.setPassword('correct horse battery')
  app.save(operator)

  const users = app.findCollectionByNameOrId('users')
  for (const name of ['bio', 'location', 'real_name']) users.fields.add(new TextField({ name }))
  users.listRule = users.viewRule = '@request.auth.id != ""'
  // Nobody signs in here, and ten thousand hashes at the usual cost take ten minutes.
  users.fields.getByName('password').cost = 4
  app.save(users)

  const { people } = JSON.parse(toString($os.readFile($os.getenv('BENCH_PEOPLE'))))
  const lines = people.map(({ email, bio, location, real_name }) => {
    const user = new Record(users, { email, bio, location, real_name })
    user.setPassword('correct horse battery')
    app.saveNoValidate(user)
    return `${user.id} ${user.newStaticAuthToken(86_400e9)}\n`
  })
  $os.writeFile($os.getenv('BENCH_TOKENS'), lines.join(''), 0o600)
})
