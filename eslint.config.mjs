import tseslint from "typescript-eslint";

/** Type-aware rules over the whole program. Each rule turned off says why. */
export default tseslint.config(
  { ignores: ["node_modules/**", "eslint.config.mjs", "**/*.cjs", "test/functions/**"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Resources are made for their effect: `new aws.s3.Bucket(…)`.
      "no-new": "off",
      // Numbers in texts are what previews and tables are made of.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["**/test/**"], message: "Nothing outside test/ imports from it." }] },
      ],
      eqeqeq: "error",
      // An output in a template is "[object Object]" or an error at run time: use pulumi.interpolate.
      "@typescript-eslint/no-base-to-string": "error",
      // `??` keeps a legal 0 or false; `||` loses it.
      "@typescript-eslint/prefer-nullish-coalescing": "error",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "no-restricted-imports": "off",
      // mocha's describe and it take async functions whose promise mocha awaits.
      "@typescript-eslint/no-floating-promises": "off",
    },
  },
);
